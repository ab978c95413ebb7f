import { BooleanInput, SelectInput, TextInput } from 'react-admin';

import { ROLE_NAMES } from '../auth/roles';
import { useFormSchema } from '../schema/SchemaContext';

const ROLES = (['tenant-viewer', 'tenant-operator', 'tenant-admin'] as const).map((id) => ({
  id,
  name: ROLE_NAMES[id],
}));

export function ClientFields({ isNew = false }: { isNew?: boolean }) {
  const { readOnly } = useFormSchema();
  return (
    <>
      <TextInput
        source="principal"
        isRequired
        readOnly={!isNew}
        helperText="Id of an OAuth client, or ARN of an IAM role or user; unique over all tenants, and fixed."
        margin="dense"
      />
      <SelectInput
        source="role"
        choices={ROLES}
        isRequired
        readOnly={readOnly}
        helperText="What it may do here; an OAuth client’s scopes may leave less of it."
        margin="dense"
        fullWidth
      />
      <TextInput source="description" multiline readOnly={readOnly} margin="dense" helperText={false} />
      <BooleanInput source="enabled" disabled={readOnly} helperText="A client that is off is refused." />
    </>
  );
}
