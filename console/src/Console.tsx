import { createBrowserRouter, Navigate, RouterProvider, useParams } from 'react-router-dom';
import { useMemo, useState } from 'react';

import { ApiClient } from './api/client';
import { dataProviderOf } from './api/dataProvider';
import { authProviderOf } from './auth/authProvider';
import { IdentityProvider } from './auth/IdentityContext';
import { roleIn, type Identity } from './auth/roles';
import { SessionProvider } from './auth/SessionContext';
import type { Session } from './auth/session';
import type { Config } from './config';
import { ConfigProvider } from './layout/ConfigContext';
import { ChooseTenant } from './layout/ChooseTenant';
import { NoRole } from './layout/NoRole';
import { TenantConsole } from './TenantConsole';

interface Props {
  config: Config;
  session: Session;
  identity: Identity;
}

/** Every view lies below `/t/TENANT/`, so that a link says all that it needs. */
export function Console(props: Props) {
  // A data router, because only such a one can hold back who would leave a form with unsaved changes.
  const [router] = useState(() =>
    createBrowserRouter([
      { path: '/t/:tenant/*', element: <OfTenant {...props} /> },
      { path: '/', element: <ChooseTenant {...props} /> },
      { path: '*', element: <Navigate to="/" replace /> },
    ]),
  );
  return (
    <ConfigProvider config={props.config}>
      <RouterProvider router={router} />
    </ConfigProvider>
  );
}

function OfTenant({ config, session, identity }: Props) {
  const { tenant = '' } = useParams();
  const dataProvider = useMemo(
    () => dataProviderOf(new ApiClient(config.apiUrl, tenant, () => session.token())),
    [config, session, tenant],
  );
  const authProvider = useMemo(() => authProviderOf(session), [session]);
  if (!roleIn(identity, tenant)) return <NoRole tenant={tenant} session={session} identity={identity} />;
  return (
    <SessionProvider session={session}>
      <IdentityProvider identity={identity} tenant={tenant}>
        <TenantConsole key={tenant} tenant={tenant} dataProvider={dataProvider} authProvider={authProvider} />
      </IdentityProvider>
    </SessionProvider>
  );
}
