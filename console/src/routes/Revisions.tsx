import {
  Box,
  Button,
  CircularProgress,
  Dialog,
  DialogActions,
  DialogContent,
  DialogContentText,
  DialogTitle,
  Radio,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
} from '@mui/material';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNotify, useRecordContext, useRefresh } from 'react-admin';
import { useFormContext } from 'react-hook-form';
import { useSearchParams } from 'react-router-dom';

import { useClient } from '../api/useClient';
import type { Schema } from '../api/types';
import { useMay, useTenant } from '../auth/IdentityContext';
import { JsonDiff } from '../diff/JsonDiff';
import { FormSection } from '../records/FormSection';
import { useRecords } from '../records/useRecords';
import { prepared } from '../schema/prepared';
import { useFormSchema } from '../schema/SchemaContext';
import { Problem } from '../shared/Problem';
import { StatusChip, type Tone } from '../shared/StatusChip';
import { Time } from '../shared/Time';

type Revision = Schema<'Revision'>;

const STATES: Record<Revision['state'], { label: string; tone: Tone }> = {
  active: { label: 'Active', tone: 'good' },
  draft: { label: 'Draft', tone: 'info' },
  retired: { label: 'Retired', tone: 'neutral' },
};

/** A route's revisions, the differences between any two, and activation. */
export function Revisions() {
  const route = String(useRecordContext()?.id);
  const { data, error, refetch } = useRecords<Revision>('listRevisions', { path: { route } });
  const [query, setQuery] = useSearchParams();
  if (error)
    return <Problem error={error} title="The revisions cannot be shown" again={() => void refetch()} />;
  if (!data) return <CircularProgress aria-label="Loading" />;
  const revisions = [...data].sort((a, b) => b.revision - a.revision);
  const newest = revisions[0]?.revision ?? 1;
  const to = Number(query.get('to') ?? newest);
  const from = Number(query.get('from') ?? revisions.find(({ revision }) => revision < to)?.revision ?? to);
  const choose = (part: { from?: number; to?: number }) => {
    setQuery(
      { tab: 'revisions', from: String(part.from ?? from), to: String(part.to ?? to) },
      { replace: true },
    );
  };
  return (
    <>
      <FormSection
        title="Revisions"
        about="A revision never changes. Jobs keep the one that they started with."
      >
        <RevisionTable revisions={revisions} from={from} to={to} choose={choose} />
      </FormSection>
      {revisions.length > 1 && (
        <Comparison
          before={revisions.find((r) => r.revision === from)}
          after={revisions.find((r) => r.revision === to)}
        />
      )}
    </>
  );
}

interface TableProps {
  revisions: Revision[];
  from: number;
  to: number;
  choose: (part: { from?: number; to?: number }) => void;
}

function RevisionTable({ revisions, from, to, choose }: TableProps) {
  return (
    <TableContainer>
      <Table size="small" aria-label="Revisions">
        <TableHead>
          <TableRow>
            <TableCell>From</TableCell>
            <TableCell>To</TableCell>
            <TableCell align="right">Revision</TableCell>
            <TableCell>State</TableCell>
            <TableCell>Made</TableCell>
            <TableCell>By</TableCell>
            <TableCell>Why</TableCell>
            <TableCell />
          </TableRow>
        </TableHead>
        <TableBody>
          {revisions.map((revision) => (
            <TableRow key={revision.revision} hover>
              {(['from', 'to'] as const).map((side) => (
                <TableCell key={side} padding="checkbox">
                  <Radio
                    size="small"
                    name={side}
                    checked={(side === 'from' ? from : to) === revision.revision}
                    onChange={() => {
                      choose({ [side]: revision.revision });
                    }}
                    slotProps={{
                      input: { 'aria-label': `Compare ${side} revision ${String(revision.revision)}` },
                    }}
                  />
                </TableCell>
              ))}
              <TableCell align="right">{revision.revision}</TableCell>
              <TableCell>
                <StatusChip {...STATES[revision.state]} />
              </TableCell>
              <TableCell>
                <Time at={revision.created_at} />
              </TableCell>
              <TableCell
                title={revision.created_by}
                sx={{ maxWidth: 180, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
              >
                {revision.created_by}
              </TableCell>
              <TableCell sx={{ minWidth: 160 }}>{revision.comment || '–'}</TableCell>
              <TableCell align="right" sx={{ whiteSpace: 'nowrap' }}>
                <Actions revision={revision} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function Comparison({ before, after }: { before?: Revision; after?: Revision }) {
  const { schema } = useFormSchema();
  if (!before || !after) return null;
  const names = [`Revision ${String(before.revision)}`, `Revision ${String(after.revision)}`] as const;
  return (
    <FormSection title={`${names[0]} → ${names[1]}`}>
      <JsonDiff
        before={prepared(schema, { ...before })}
        after={prepared(schema, { ...after })}
        names={names}
      />
    </FormSection>
  );
}

function Actions({ revision }: { revision: Revision }) {
  const may = useMay();
  const [asked, setAsked] = useState(false);
  const { schema, readOnly } = useFormSchema();
  const { reset, getValues } = useFormContext();
  const [, setQuery] = useSearchParams();
  const edit = () => {
    reset({ ...getValues(), ...prepared(schema, { ...revision }) }, { keepDefaultValues: true });
    setQuery({});
  };
  return (
    <Box>
      {!readOnly && (
        <Button size="small" onClick={edit}>
          Edit
        </Button>
      )}
      {revision.state !== 'active' && may('activateRevision') && (
        <Button
          size="small"
          onClick={() => {
            setAsked(true);
          }}
        >
          Activate
        </Button>
      )}
      {asked && (
        <ActivateDialog
          revision={revision}
          close={() => {
            setAsked(false);
          }}
        />
      )}
    </Box>
  );
}

function ActivateDialog({ revision, close }: { revision: Revision; close: () => void }) {
  const client = useClient();
  const { schema } = useFormSchema();
  const tenant = useTenant();
  const notify = useNotify();
  const refresh = useRefresh();
  // The tag of the route as it is shown here: who has changed it meanwhile makes the activation fail.
  const active = useQuery({
    queryKey: ['records', tenant, 'readRoute', revision.id],
    queryFn: () => client.call<Schema<'Route'>>('readRoute', { path: { route: revision.id } }),
    staleTime: 0,
  });
  const activation = useMutation({
    mutationFn: () =>
      client.call('activateRevision', {
        path: { route: revision.id, revision: revision.revision },
        etag: active.data?.etag,
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: () => {
      notify(`Revision ${String(revision.revision)} is active`, { type: 'success' });
      close();
      refresh();
    },
  });
  const now = active.data?.data;
  return (
    <Dialog open onClose={close} maxWidth="lg" fullWidth aria-labelledby="activate">
      <DialogTitle id="activate">Activate revision {revision.revision}?</DialogTitle>
      <DialogContent>
        <DialogContentText sx={{ mb: 2 }}>
          From then on it takes all new files. Jobs that have begun keep their revision.
        </DialogContentText>
        {(active.error ?? activation.error) && <Problem error={active.error ?? activation.error} />}
        {now && (
          <JsonDiff
            before={prepared(schema, { ...now })}
            after={prepared(schema, { ...revision })}
            names={[`Active: revision ${String(now.revision)}`, `Revision ${String(revision.revision)}`]}
          />
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Cancel</Button>
        <Button
          variant="contained"
          disabled={!now || activation.isPending}
          onClick={() => {
            activation.mutate();
          }}
        >
          Activate
        </Button>
      </DialogActions>
    </Dialog>
  );
}
