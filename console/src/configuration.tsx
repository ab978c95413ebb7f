import { lazy, type ComponentType } from 'react';
import { CustomRoutes, Resource } from 'react-admin';
import { Route } from 'react-router-dom';

import type { OperationId } from './auth/roles';
import { NotFound } from './layout/NotFound';

interface Room {
  name: string;
  label: string;
  list: ComponentType;
  edit: ComponentType;
  create: ComponentType;
  /** What seeing and creating records performs. */
  operations: readonly [OperationId, OperationId];
}

const ROOMS: readonly Room[] = [
  {
    name: 'routes',
    label: 'Routes',
    list: lazy(() => import('./routes/RouteList')),
    edit: lazy(() => import('./routes/RouteEdit')),
    create: lazy(() => import('./routes/RouteCreate')),
    operations: ['listRoutes', 'createRoute'],
  },
  {
    name: 'destinations',
    label: 'Destinations',
    list: lazy(() => import('./destinations/DestinationList')),
    edit: lazy(() => import('./destinations/DestinationEdit')),
    create: lazy(() => import('./destinations/DestinationCreate')),
    operations: ['listDestinations', 'createDestination'],
  },
  {
    name: 'users',
    label: 'Users',
    list: lazy(() => import('./users/UserList')),
    edit: lazy(() => import('./users/UserEdit')),
    create: lazy(() => import('./users/UserCreate')),
    operations: ['listUsers', 'createUser'],
  },
  {
    name: 'key-rings',
    label: 'Key rings',
    list: lazy(() => import('./keyrings/KeyRingList')),
    edit: lazy(() => import('./keyrings/KeyRingEdit')),
    create: lazy(() => import('./keyrings/KeyRingCreate')),
    operations: ['listKeyRings', 'createKeyRing'],
  },
  {
    name: 'expectations',
    label: 'Expectations',
    list: lazy(() => import('./expectations/ExpectationList')),
    edit: lazy(() => import('./expectations/ExpectationEdit')),
    create: lazy(() => import('./expectations/ExpectationCreate')),
    operations: ['listExpectations', 'createExpectation'],
  },
  {
    name: 'subscriptions',
    label: 'Subscriptions',
    list: lazy(() => import('./subscriptions/SubscriptionList')),
    edit: lazy(() => import('./subscriptions/SubscriptionEdit')),
    create: lazy(() => import('./subscriptions/SubscriptionCreate')),
    operations: ['listSubscriptions', 'createSubscription'],
  },
  {
    name: 'clients',
    label: 'Clients',
    list: lazy(() => import('./clients/ClientList')),
    edit: lazy(() => import('./clients/ClientEdit')),
    create: lazy(() => import('./clients/ClientCreate')),
    operations: ['listClients', 'createClient'],
  },
  {
    name: 'tenants',
    label: 'Tenants',
    list: lazy(() => import('./tenants/TenantList')),
    edit: lazy(() => import('./tenants/TenantEdit')),
    create: lazy(() => import('./tenants/TenantCreate')),
    operations: ['createTenant', 'createTenant'],
  },
];

const Explain = lazy(() => import('./explain/Explain'));
const Workflows = lazy(() => import('./workflows/Workflows'));
const Workflow = lazy(() => import('./workflows/Workflow'));
const AuditList = lazy(() => import('./audit/AuditList'));

/** The views of a tenant's configuration, as far as the viewer may see them; children of react-admin's Admin. */
export function configurationViews(may: (operation: OperationId) => boolean) {
  return [
    ...ROOMS.filter(({ operations: [see] }) => may(see)).map(
      ({ name, label, list, edit, create, operations }) => (
        <Resource
          key={name}
          name={name}
          options={{ label }}
          list={list}
          edit={edit}
          // Without one react-admin takes the address for a record of the id `create`.
          create={may(operations[1]) ? create : NotFound}
        />
      ),
    ),
    <CustomRoutes key="look up">
      {may('explain') && <Route path="/explain" element={<Explain />} />}
      {may('listWorkflows') && <Route path="/workflows" element={<Workflows />} />}
      {may('listWorkflows') && <Route path="/workflows/:family/:release" element={<Workflow />} />}
      {may('listAudit') && <Route path="/audit" element={<AuditList />} />}
    </CustomRoutes>,
  ];
}
