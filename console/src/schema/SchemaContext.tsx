import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, type ReactNode } from 'react';

import { useClient } from '../api/useClient';
import type { JsonSchema } from './jsonSchema';

/** Names that `GET /v1/schemas/{name}` knows. */
export type SchemaName =
  'tenant' | 'user' | 'route' | 'destination' | 'key-ring' | 'expectation' | 'subscription';

/** The schema by which the API itself checks a record of the kind. */
export function useSchema(name: SchemaName | undefined) {
  const client = useClient();
  return useQuery({
    queryKey: ['schema', name],
    queryFn: async () => (await client.call<JsonSchema>('readSchema', { path: { name: name ?? '' } })).data,
    enabled: name !== undefined,
    staleTime: Infinity,
  });
}

interface FormSchema {
  schema: JsonSchema;
  readOnly: boolean;
}

const Context = createContext<FormSchema>({ schema: {}, readOnly: false });

export function FormSchemaProvider({ schema, readOnly, children }: FormSchema & { children: ReactNode }) {
  return <Context.Provider value={{ schema, readOnly }}>{children}</Context.Provider>;
}

/** The schema of the form that is shown, and whether the viewer may only read it. */
export function useFormSchema(): FormSchema {
  return useContext(Context);
}
