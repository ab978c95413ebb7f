import { useEffect, useState } from 'react';
import { Navigate, Link } from 'react-router-dom';

import { ApiClient } from '../api/client';
import type { Identity } from '../auth/roles';
import type { Session } from '../auth/session';
import type { Config } from '../config';
import { StartFailed } from './StartFailed';

interface Tenant {
  id: string;
  name: string;
}

/** The first page: the only tenant at once, or a choice. */
export function ChooseTenant({
  config,
  session,
  identity,
}: {
  config: Config;
  session: Session;
  identity: Identity;
}) {
  const [tenants, setTenants] = useState<Tenant[]>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    const client = new ApiClient(config.apiUrl, '', () => session.token());
    client
      .call<{ items: Tenant[] }>('listTenants', { query: { limit: 200 } })
      .then(({ data }) => {
        setTenants(data.items);
      })
      .catch(setError);
  }, [config, session]);
  if (error !== undefined) return <StartFailed error={error} />;
  if (!tenants) return <p role="status">Loading …</p>;
  const [only, ...more] = tenants;
  if (only && more.length === 0) return <Navigate to={`/t/${only.id}/`} replace />;
  return (
    <main>
      <h1>Tenants</h1>
      {tenants.length === 0 && (
        <p>{identity.name} has no role in any tenant. Ask an administrator for one.</p>
      )}
      <ul>
        {tenants.map((tenant) => (
          <li key={tenant.id}>
            <Link to={`/t/${tenant.id}/`}>{tenant.name}</Link>
          </li>
        ))}
      </ul>
    </main>
  );
}
