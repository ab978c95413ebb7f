import Lan from '@mui/icons-material/Lan';
import { lazy, useState } from 'react';
import { Admin, CustomRoutes, Resource, type AuthProvider } from 'react-admin';
import { Route } from 'react-router-dom';
import { QueryClient } from '@tanstack/react-query';

import { ApiError } from './api/client';
import type { FerryDataProvider } from './api/dataProvider';
import { useMay } from './auth/IdentityContext';
import { configurationViews } from './configuration';
import { Layout } from './layout/Layout';
import { NotFound } from './layout/NotFound';
import { storeOf } from './layout/store';
import { i18nProvider } from './layout/texts';
import { darkTheme, lightTheme } from './layout/theme';

const Dashboard = lazy(() => import('./dashboard/Dashboard'));
const Platform = lazy(() => import('./dashboard/Platform'));
const JobList = lazy(() => import('./jobs/JobList'));
const JobShow = lazy(() => import('./jobs/JobShow'));
const QuarantineList = lazy(() => import('./quarantine/QuarantineList'));
const QuarantineShow = lazy(() => import('./quarantine/QuarantineShow'));
const BulkList = lazy(() => import('./bulk/BulkList'));
const BulkShow = lazy(() => import('./bulk/BulkShow'));
const DeadLetters = lazy(() => import('./bulk/DeadLetters'));

interface Props {
  tenant: string;
  dataProvider: FerryDataProvider;
  authProvider: AuthProvider;
}

/** Each tenant has a cache of its own, since react-admin's keys do not name the tenant. */
function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: isWorthRepeating, refetchOnWindowFocus: true, staleTime: 2_000 } },
  });
}

/** A refusal stays one however often it is asked for; a busy or unreachable API may answer the second time. */
function isWorthRepeating(failures: number, error: unknown): boolean {
  const isRefusal =
    error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
  return !isRefusal && failures < 1;
}

/** The console of one tenant: each view is loaded when it is first opened. */
export function TenantConsole({ tenant, dataProvider, authProvider }: Props) {
  const may = useMay();
  const [queryClient] = useState(newQueryClient);
  const [store] = useState(() => storeOf(tenant));
  return (
    <Admin
      basename={`/t/${tenant}`}
      title="Fileferry"
      dataProvider={dataProvider}
      authProvider={authProvider}
      queryClient={queryClient}
      store={store}
      i18nProvider={i18nProvider}
      layout={Layout}
      catchAll={NotFound}
      theme={lightTheme}
      darkTheme={darkTheme}
      dashboard={Dashboard}
      requireAuth
      disableTelemetry
    >
      {may('readPlatformStatistics') && (
        <Resource name="platform" list={Platform} options={{ label: 'All tenants' }} icon={Lan} />
      )}
      {may('listJobs') && (
        <Resource name="jobs" list={JobList} show={JobShow} recordRepresentation="filename" />
      )}
      {may('listJobs') && (
        <Resource
          name="quarantine"
          list={QuarantineList}
          show={QuarantineShow}
          recordRepresentation="filename"
        />
      )}
      {may('listBulkActions') && <Resource name="bulk-actions" list={BulkList} show={BulkShow} />}
      {may('listDeadLetters') && (
        <CustomRoutes>
          <Route path="/dead-letters" element={<DeadLetters />} />
        </CustomRoutes>
      )}
      {configurationViews(may)}
    </Admin>
  );
}
