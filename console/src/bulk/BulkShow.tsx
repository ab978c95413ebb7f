import PlayArrow from '@mui/icons-material/PlayArrow';
import { Alert, Button, LinearProgress, Skeleton, Stack, Typography } from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { Confirm, Title, useRefresh } from 'react-admin';
import { useState } from 'react';
import { useParams } from 'react-router-dom';

import type { ApiError } from '../api/client';
import { useClient } from '../api/useClient';
import { useMay } from '../auth/IdentityContext';
import { ACTIONS } from '../jobs/actions';
import { Facts } from '../jobs/Facts';
import { filterText } from '../jobs/filters';
import { Problem } from '../shared/Problem';
import { Section } from '../shared/Section';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { useLive } from '../shared/useLive';
import { moves, progressOf, statusOf, type Bulk } from './bulk';
import { BulkJobs } from './BulkJobs';

/** One bulk action: its plan, then how far it has come. */
export default function BulkShow() {
  const { id = '' } = useParams();
  const [every, setEvery] = useState(1_500);
  const { data: bulk, error, refetch } = useLive<Bulk>('readBulkAction', { path: { bulk: id } }, { every });
  const wanted = !bulk || moves(bulk.status) ? 1_500 : 15_000;
  if (wanted !== every) setEvery(wanted);
  if (error && !bulk)
    return <Problem error={error} title="It cannot be shown" again={() => void refetch()} />;
  if (!bulk) return <Skeleton variant="rounded" height={320} sx={{ mt: 2 }} />;
  return (
    <Stack spacing={2} sx={{ py: 2, minWidth: 0 }}>
      <Title title={`${ACTIONS[bulk.action].name}: ${filterText(bulk.filter)}`} />
      <Stack direction="row" useFlexGap sx={{ gap: 1.5, alignItems: 'center', flexWrap: 'wrap' }}>
        <Typography variant="h5" component="h1">
          {ACTIONS[bulk.action].name} {filterText(bulk.filter)}
        </Typography>
        <StatusChip {...statusOf(bulk)} size="medium" />
      </Stack>
      <Progress bulk={bulk} />
      <RunPlan bulk={bulk} />
      <About bulk={bulk} />
      {bulk.total > 0 && (
        <Section
          title={bulk.status === 'PLANNED' ? 'What would happen to each job' : 'What becomes of each job'}
        >
          <BulkJobs bulk={bulk} />
        </Section>
      )}
    </Stack>
  );
}

function Progress({ bulk }: { bulk: Bulk }) {
  const value = progressOf(bulk);
  if (bulk.status === 'PLANNING') {
    return (
      <>
        <LinearProgress aria-label="The plan is made" />
        <Typography variant="body2">The plan is made. Nothing happens to the jobs yet.</Typography>
      </>
    );
  }
  if (bulk.problem) return <Alert severity="error">{bulk.problem}</Alert>;
  if (value === undefined) return null;
  return (
    <div aria-live="polite">
      {bulk.status === 'RUNNING' && (
        <LinearProgress variant="determinate" value={value} aria-label="Progress" />
      )}
      <Typography variant="body2" sx={{ mt: 0.5 }}>
        {bulk.done} done, {bulk.failed} failed, {bulk.skipped} skipped of {bulk.total}.
      </Typography>
    </div>
  );
}

function RunPlan({ bulk }: { bulk: Bulk }) {
  const may = useMay();
  const client = useClient();
  const refresh = useRefresh();
  const [asking, setAsking] = useState(false);
  const run = useMutation<unknown, ApiError>({
    mutationFn: () =>
      client.call('runBulkAction', { path: { bulk: bulk.id }, idempotencyKey: crypto.randomUUID() }),
    onSettled: () => {
      setAsking(false);
      refresh();
    },
  });
  if (bulk.status !== 'PLANNED')
    return run.error ? <Problem error={run.error} title="It was not run" /> : null;
  const { name, effect } = ACTIONS[bulk.action];
  return (
    <>
      <Alert
        severity={bulk.possible > 0 ? 'info' : 'warning'}
        action={
          may('runBulkAction') &&
          bulk.possible > 0 && (
            <Button
              variant="contained"
              size="small"
              startIcon={<PlayArrow />}
              onClick={() => {
                setAsking(true);
              }}
            >
              Run the plan
            </Button>
          )
        }
      >
        {bulk.total === 0
          ? 'The filter finds no jobs.'
          : `Of ${String(bulk.total)} jobs it is possible for ${String(bulk.possible)}; the others are skipped. Nothing has happened yet.`}
      </Alert>
      {run.error && <Problem error={run.error} title="It was not run" />}
      <Confirm
        isOpen={asking}
        loading={run.isPending}
        title={`${name} ${String(bulk.possible)} jobs?`}
        content={`${effect} Jobs that have changed since the plan are skipped.`}
        confirm={`${name} ${String(bulk.possible)} jobs`}
        cancel="Leave them as they are"
        onConfirm={() => {
          run.mutate();
        }}
        onClose={() => {
          setAsking(false);
        }}
      />
    </>
  );
}

function About({ bulk }: { bulk: Bulk }) {
  const how =
    bulk.action === 'replay'
      ? bulk.revision === 'current'
        ? 'by the active revision'
        : 'by the original revision'
      : bulk.accept_violations
        ? 'violations are accepted'
        : '–';
  return (
    <Facts
      facts={[
        ['Asked for by', bulk.requested_by],
        ['Planned', <Time key="planned" at={bulk.planned_at ?? bulk.created_at} />],
        ['Run by', bulk.started_by ?? '–'],
        ['Begun', <Time key="begun" at={bulk.started_at} />],
        ['Ended', <Time key="ended" at={bulk.ended_at} />],
        ['How', how],
        ['Comment', bulk.comment || '–'],
      ]}
    />
  );
}
