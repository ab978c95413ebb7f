import { AutocompleteArrayInput, AutocompleteInput } from 'react-admin';

import type { OperationId } from '../auth/roles';
import { useRecords } from '../records/useRecords';
import { useFormSchema } from '../schema/SchemaContext';

interface Props {
  source: string;
  label: string;
  /** Which records may be named. */
  of: Extract<OperationId, 'listDestinations' | 'listUsers' | 'listRoutes' | 'listKeyRings'>;
  help?: string;
  required?: boolean;
}

function useChoices(of: Props['of']) {
  const { data } = useRecords<{ id: string }>(of);
  return (data ?? []).map(({ id }) => ({ id, name: id }));
}

/** Names other records of the tenant. */
export function RecordsInput({ source, label, of, help, required }: Props) {
  const { readOnly } = useFormSchema();
  return (
    <AutocompleteArrayInput
      source={source}
      label={label}
      choices={useChoices(of)}
      helperText={help ?? false}
      readOnly={readOnly}
      isRequired={required}
      margin="dense"
      fullWidth
    />
  );
}

/** Names one other record of the tenant, or none. */
export function RecordInput({ source, label, of, help, required }: Props) {
  const { readOnly } = useFormSchema();
  return (
    <AutocompleteInput
      source={source}
      label={label}
      choices={useChoices(of)}
      helperText={help ?? false}
      readOnly={readOnly}
      isRequired={required}
      parse={(id: string | null) => (id === '' ? null : id)}
      margin="dense"
      fullWidth
    />
  );
}
