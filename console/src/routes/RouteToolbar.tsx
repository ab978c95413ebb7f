import Draft from '@mui/icons-material/EditNote';
import { Box, Button, Paper } from '@mui/material';
import { useState } from 'react';
import { SaveButton, TextInput, useNotify, useRecordContext } from 'react-admin';
import { useFormContext, useFormState } from 'react-hook-form';

import { ApiError } from '../api/client';
import { useClient } from '../api/useClient';
import type { Schema } from '../api/types';
import { useMay } from '../auth/IdentityContext';
import { fieldName } from '../schema/fieldErrors';
import { prepared } from '../schema/prepared';
import { useFormSchema } from '../schema/SchemaContext';
import { useRouteTab } from './useRouteTab';

/** Saves the form as the new active revision, or as a draft that takes no files. */
export function RouteToolbar() {
  const [tab] = useRouteTab();
  const { isDirty } = useFormState();
  if (tab !== 'form' && tab !== 'json') return null;
  return (
    <Paper
      variant="outlined"
      sx={{
        position: 'sticky',
        bottom: 0,
        zIndex: 2,
        mt: 2,
        px: 2,
        py: 1,
        display: 'flex',
        flexWrap: 'wrap',
        gap: 1,
        alignItems: 'center',
      }}
    >
      <Box sx={{ flex: '1 1 240px' }}>
        <TextInput
          source="new_comment"
          label="Why this change is made"
          helperText={false}
          fullWidth
          margin="none"
        />
      </Box>
      <DraftButton disabled={!isDirty} />
      <SaveButton label="Save and activate" />
    </Paper>
  );
}

function DraftButton({ disabled }: { disabled: boolean }) {
  const { schema } = useFormSchema();
  const { handleSubmit, reset, setError } = useFormContext();
  const client = useClient();
  const [, setTab] = useRouteTab();
  const [busy, setBusy] = useState(false);
  const record = useRecordContext();
  const notify = useNotify();
  const may = useMay();
  if (!may('draftRoute')) return null;
  const draft = async (values: Record<string, unknown>) => {
    setBusy(true);
    const spec = prepared(schema, values);
    delete spec.id;
    const comment = typeof values.new_comment === 'string' ? values.new_comment : '';
    try {
      const { data } = await client.call<Schema<'Revision'>>('draftRoute', {
        path: { route: String(record?.id) },
        body: { ...spec, comment },
        idempotencyKey: crypto.randomUUID(),
      });
      reset(record);
      notify(`Revision ${String(data.revision)} is a draft: it takes no files until it is activated.`);
      setTab('revisions');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notify(error.message, { type: 'error' });
      for (const { pointer, detail } of error.mistakes) {
        const source = pointer?.slice(1).replaceAll('/', '.');
        if (source) setError(source, { type: 'server', message: `${fieldName(source)} ${detail}` });
      }
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      startIcon={<Draft />}
      disabled={disabled || busy}
      onClick={(event) => {
        void handleSubmit(draft)(event);
      }}
    >
      Save as draft
    </Button>
  );
}
