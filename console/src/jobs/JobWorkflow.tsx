import { Alert, Skeleton, Typography } from '@mui/material';
import { lazy, Suspense, useMemo } from 'react';

import { Problem } from '../shared/Problem';
import { isMachine } from '../workflow/asl';
import { graphOf } from '../workflow/graph';
import type { JobRecord, Run } from './job';
import { pathOfSteps } from './stepPath';
import { useHistory, useRunWorkflow } from './useRun';

const WorkflowGraph = lazy(() => import('../workflow/WorkflowGraph'));

/** The workflow of a run with the way that it has taken. */
export function JobWorkflow({ job, run }: { job: JobRecord; run: Run }) {
  const workflow = useRunWorkflow(job, run);
  const history = useHistory(job, run);
  const machine = isMachine(workflow.data?.definition) ? workflow.data.definition : undefined;
  const events = history.data ?? undefined;
  const path = useMemo(
    () => (machine && !events ? pathOfSteps(graphOf(machine), run) : undefined),
    [machine, events, run],
  );
  if (workflow.error) return <Problem error={workflow.error} title="The workflow cannot be shown" />;
  if (workflow.isPending) return <Skeleton variant="rounded" height={400} />;
  if (!machine) return <Alert severity="info">{unknownText(run)}</Alert>;
  return (
    <>
      <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>
        {workflow.data?.name}
        {workflow.data?.version ? `, version ${String(workflow.data.version)}` : ''}
        {history.data ? ` · ${String(history.data.length)} events` : ''}
      </Typography>
      {history.error && <Problem error={history.error} title="The events cannot be shown" />}
      <Suspense fallback={<Skeleton variant="rounded" height={560} />}>
        <WorkflowGraph definition={machine} history={events} path={path} noEvents={noEvents(run)} />
      </Suspense>
    </>
  );
}

function unknownText(run: Run): string {
  return run.started_at
    ? 'The workflow of this run is not known any more: executions are kept for 90 days.'
    : 'No workflow has run: the file has not come that far.';
}

function noEvents(run: Run): string {
  if (run.executor === 'worker' && !run.ended_at) {
    return 'The worker stores the events when the run ends. Until then the steps say where it is.';
  }
  return 'There are no events of this state.';
}
