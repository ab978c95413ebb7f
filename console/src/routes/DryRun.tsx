import { Box, Button, MenuItem, TextField, Typography } from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useRecordContext } from 'react-admin';
import { useFormContext, useFormState } from 'react-hook-form';
import { useSearchParams } from 'react-router-dom';

import { useClient } from '../api/useClient';
import type { Schema } from '../api/types';
import { FormSection } from '../records/FormSection';
import { useRecords } from '../records/useRecords';
import { prepared } from '../schema/prepared';
import { useFormSchema } from '../schema/SchemaContext';
import { JOB_STATUSES, jobStatusName } from '../shared/JobStatusChip';
import { Problem } from '../shared/Problem';
import { DryRunResult } from './DryRunResult';

interface Asked {
  what: string;
  status: string;
  since: string;
  until: string;
}

/** What the route would do with files that have come already. Nothing is changed, and no file is sent. */
export function DryRun() {
  const route = String(useRecordContext()?.id);
  const client = useClient();
  const { schema } = useFormSchema();
  const { getValues } = useFormContext();
  const { isDirty } = useFormState();
  const [query] = useSearchParams();
  const [asked, setAsked] = useState<Asked>({
    what: query.get('revision') ?? (isDirty ? 'form' : 'active'),
    status: '',
    since: '',
    until: '',
  });
  const run = useMutation({
    mutationFn: async () =>
      (
        await client.call<Schema<'DryRunAnswer'>>('dryRunRoute', {
          path: { route },
          body: {
            ...subject(asked.what, () => specOf(prepared(schema, getValues()))),
            filter: filterOf(asked),
          },
        })
      ).data,
  });
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Enter would save the form around
    <div
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.preventDefault();
      }}
    >
      <FormSection
        title="Dry run"
        about="What the route would do with files that have come already, at most 100, the newest first. Nothing is changed, and no file is sent."
      >
        <Question
          asked={asked}
          put={(part) => {
            setAsked({ ...asked, ...part });
          }}
          isDirty={isDirty}
          route={route}
        />
        <Button
          variant="contained"
          disabled={run.isPending}
          sx={{ mt: 2 }}
          onClick={() => {
            run.mutate();
          }}
        >
          {run.isPending ? 'Running …' : 'Run'}
        </Button>
      </FormSection>
      {run.error && <Problem error={run.error} title="The dry run was refused" />}
      {run.data && <DryRunResult answer={run.data} />}
      {!run.data && !run.error && (
        <Typography variant="body2" color="text.secondary">
          The content is not read: checks of the content are listed, and not made.
        </Typography>
      )}
    </div>
  );
}

interface QuestionProps {
  asked: Asked;
  put: (part: Partial<Asked>) => void;
  isDirty: boolean;
  route: string;
}

function Question({ asked, put, isDirty, route }: QuestionProps) {
  const { data } = useRecords<Schema<'Revision'>>('listRevisions', { path: { route } });
  const shrink = { inputLabel: { shrink: true } };
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr', lg: 'repeat(4, 1fr)' },
      }}
    >
      <TextField
        select
        size="small"
        label="Try"
        value={asked.what}
        onChange={(event) => {
          put({ what: event.target.value });
        }}
      >
        <MenuItem value="active">The active revision</MenuItem>
        {(isDirty || asked.what === 'form') && (
          <MenuItem value="form">The form with its unsaved changes</MenuItem>
        )}
        {(data ?? []).map(({ revision, state }) => (
          <MenuItem key={revision} value={String(revision)}>
            Revision {revision} ({state})
          </MenuItem>
        ))}
      </TextField>
      <TextField
        select
        size="small"
        label="Files that ended as"
        value={asked.status}
        onChange={(event) => {
          put({ status: event.target.value });
        }}
        slotProps={{ select: { displayEmpty: true }, ...shrink }}
      >
        <MenuItem value="">Any status</MenuItem>
        {JOB_STATUSES.map((status) => (
          <MenuItem key={status} value={status}>
            {jobStatusName(status)}
          </MenuItem>
        ))}
      </TextField>
      {(['since', 'until'] as const).map((side) => (
        <TextField
          key={side}
          type="datetime-local"
          size="small"
          label={side === 'since' ? 'Came since' : 'Came before'}
          value={asked[side]}
          onChange={(event) => {
            put({ [side]: event.target.value });
          }}
          slotProps={shrink}
        />
      ))}
    </Box>
  );
}

function subject(what: string, spec: () => Record<string, unknown>): Record<string, unknown> {
  if (what === 'active') return {};
  return what === 'form' ? { spec: spec() } : { revision: Number(what) };
}

function specOf(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== 'id'));
}

function filterOf({ status, since, until }: Asked): Record<string, string> {
  return {
    ...(status && { status }),
    ...(since && { since: new Date(since).toISOString() }),
    ...(until && { until: new Date(until).toISOString() }),
  };
}
