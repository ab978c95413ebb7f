import { lazy } from 'react';
import { CustomRoutes, Menu, Resource } from 'react-admin';
import { Route } from 'react-router-dom';
import RouteIcon from '@mui/icons-material/AltRoute';
import ExplainIcon from '@mui/icons-material/HelpOutline';

import type { OperationId } from './auth/roles';

const RouteList = lazy(() => import('./routes/RouteList'));
const RouteEdit = lazy(() => import('./routes/RouteEdit'));
const RouteCreate = lazy(() => import('./routes/RouteCreate'));
const Explain = lazy(() => import('./explain/Explain'));

type May = (operation: OperationId) => boolean;

/** The views of a tenant's configuration, as far as the viewer may see them; children of react-admin's Admin. */
export function configurationViews(may: May) {
  return [
    may('listRoutes') && (
      <Resource
        key="routes"
        name="routes"
        icon={RouteIcon}
        list={RouteList}
        edit={RouteEdit}
        create={may('createRoute') ? RouteCreate : undefined}
      />
    ),
    <CustomRoutes key="explain">
      <Route path="/explain" element={<Explain />} />
    </CustomRoutes>,
  ];
}

/** The entries of the menu for them. */
export function configurationMenu(may: May) {
  return [
    may('listRoutes') && <Menu.ResourceItem key="routes" name="routes" />,
    may('explain') && (
      <Menu.Item key="explain" to="/explain" primaryText="Explain" leftIcon={<ExplainIcon />} />
    ),
  ];
}
