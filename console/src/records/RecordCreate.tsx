import type { ReactNode } from 'react';
import { Create, TextInput, type RaRecord } from 'react-admin';

import { prepared } from '../schema/prepared';
import { useSchema, type SchemaName } from '../schema/SchemaContext';
import { SchemaForm } from './SchemaForm';

interface Props {
  schema?: SchemaName;
  title: string;
  idHelp?: string;
  bare?: boolean;
  defaults?: Record<string, unknown>;
  /** Instead of going to the new record's page. */
  onCreated?: (record: RaRecord) => void;
  children: ReactNode;
}

/** A new record: its id, which never changes, and the fields of the kind. */
export function RecordCreate({ schema: name, title, idHelp, bare, defaults, onCreated, children }: Props) {
  const { data: schema } = useSchema(name);
  return (
    <Create
      title={title}
      redirect="edit"
      mutationOptions={onCreated && { onSuccess: onCreated }}
      actions={false}
      component="div"
      sx={{ mt: 2, maxWidth: 820, '& .RaCreate-noActions': { mt: 0 } }}
      transform={(values: Record<string, unknown>) => (schema ? prepared(schema, values) : values)}
    >
      <SchemaForm schema={name} isNew bare={bare} defaults={defaults}>
        <TextInput
          source="id"
          label="Id"
          isRequired
          margin="dense"
          helperText={
            idHelp ?? 'Lower-case letters, digits and hyphens. It is fixed once the record is created.'
          }
        />
        {children}
      </SchemaForm>
    </Create>
  );
}
