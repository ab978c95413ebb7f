import { lazy } from 'react';
import { Admin, localStorageStore, Resource, type AuthProvider } from 'react-admin';
import { QueryClient } from '@tanstack/react-query';

import type { FerryDataProvider } from './api/dataProvider';
import { useMay } from './auth/IdentityContext';
import { Layout } from './layout/Layout';
import { darkTheme, lightTheme } from './layout/theme';

const JobList = lazy(() => import('./jobs/JobList'));
const JobShow = lazy(() => import('./jobs/JobShow'));

interface Props {
  tenant: string;
  dataProvider: FerryDataProvider;
  authProvider: AuthProvider;
}

const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: true, staleTime: 2_000 } },
});
const store = localStorageStore('1', 'fileferry');

/** The console of one tenant: each view is loaded when it is first opened. */
export function TenantConsole({ tenant, dataProvider, authProvider }: Props) {
  const may = useMay();
  return (
    <Admin
      basename={`/t/${tenant}`}
      title="Fileferry"
      dataProvider={dataProvider}
      authProvider={authProvider}
      queryClient={queryClient}
      store={store}
      layout={Layout}
      theme={lightTheme}
      darkTheme={darkTheme}
      requireAuth
      disableTelemetry
    >
      {may('listJobs') && (
        <Resource name="jobs" list={JobList} show={JobShow} recordRepresentation="filename" />
      )}
    </Admin>
  );
}
