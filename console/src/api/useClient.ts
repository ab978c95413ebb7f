import { useMemo } from 'react';
import { useDataProvider } from 'react-admin';

import type { ApiClient } from './client';
import type { FerryDataProvider } from './dataProvider';

/**
 * The API's client of the tenant that is shown. It calls through react-admin's data provider, which signs the viewer in
 * again when the token is no longer taken.
 */
export function useClient(): Pick<ApiClient, 'call'> {
  const dataProvider = useDataProvider<FerryDataProvider>();
  return useMemo(
    () => ({ call: (operation, options) => dataProvider.call(operation, options) }),
    [dataProvider],
  );
}
