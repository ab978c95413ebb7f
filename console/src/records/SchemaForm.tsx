import { Box, Button, Card, CardContent, CircularProgress } from '@mui/material';
import { useMemo, type ReactNode } from 'react';
import { Form, SaveButton, useResourceContext } from 'react-admin';
import { Link } from 'react-router-dom';

import { useTenant } from '../auth/IdentityContext';
import { fieldErrors } from '../schema/fieldErrors';
import { defaultsOf, type JsonSchema } from '../schema/jsonSchema';
import { mistakesOf } from '../schema/mistakes';
import { prepared } from '../schema/prepared';
import { FormSchemaProvider, useSchema, type SchemaName } from '../schema/SchemaContext';
import { Problem } from '../shared/Problem';
import { Mistakes } from './Mistakes';

interface Props {
  /** Which schema of the API's checks the record; without one the API's answer alone does. */
  schema?: SchemaName;
  isNew?: boolean;
  readOnly?: boolean;
  /** In place of the button that saves. */
  toolbar?: ReactNode;
  /** Without a card around, where the form has cards of its own. */
  bare?: boolean;
  defaults?: Record<string, unknown>;
  children: ReactNode;
}

const EMPTY: JsonSchema = { type: 'object' };

/** The form of a record: checked by the API's schema while one writes, and by the API when it is saved. */
export function SchemaForm({
  schema: name,
  isNew,
  readOnly = false,
  toolbar,
  bare,
  defaults,
  children,
}: Props) {
  const { data, error, refetch } = useSchema(name);
  const schema = name === undefined ? EMPTY : data;
  const initial = useMemo(
    () => (isNew && schema ? { ...(defaultsOf(schema) as object), ...defaults } : undefined),
    [isNew, schema, defaults],
  );
  if (error) return <Problem error={error} title="The form cannot be shown" again={() => void refetch()} />;
  if (!schema) return <CircularProgress aria-label="Loading" sx={{ m: 4 }} />;
  const fields = <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>{children}</Box>;
  return (
    <FormSchemaProvider schema={schema} readOnly={readOnly}>
      <Form
        mode="onBlur"
        defaultValues={initial}
        warnWhenUnsavedChanges={!readOnly}
        validate={(values) => (name ? fieldErrors(mistakesOf(schema, prepared(schema, values))) : {})}
      >
        {bare ? (
          fields
        ) : (
          <Card variant="outlined">
            <CardContent>{fields}</CardContent>
          </Card>
        )}
        <Mistakes />
        {!readOnly && (toolbar ?? <SaveBar isNew={isNew} />)}
      </Form>
    </FormSchemaProvider>
  );
}

function SaveBar({ isNew }: { isNew?: boolean }) {
  const resource = useResourceContext() ?? '';
  const tenant = useTenant();
  return (
    <Box sx={{ display: 'flex', gap: 1, py: 2 }}>
      <SaveButton label={isNew ? 'Create' : 'Save'} alwaysEnable={isNew} />
      <Button component={Link} to={`/t/${tenant}/${resource}`}>
        Back to the list
      </Button>
    </Box>
  );
}
