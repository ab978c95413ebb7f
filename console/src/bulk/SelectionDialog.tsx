import {
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  LinearProgress,
  Stack,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { useRef, useState } from 'react';
import { useRefresh } from 'react-admin';

import { useClient } from '../api/useClient';
import { ACTIONS, bodyOf, courseOf, OPERATIONS, type Asked } from '../jobs/actions';
import { CommentInput, lacksComment } from '../jobs/CommentInput';
import { HowTo } from '../jobs/HowTo';
import type { Action, JobRecord } from '../jobs/job';
import { JobStatusChip } from '../shared/JobStatusChip';
import { StatusChip } from '../shared/StatusChip';

interface Props {
  jobs: JobRecord[];
  action: Action;
  /** `done`: something was done. */
  onClose: (done: boolean) => void;
}

interface Outcome {
  done: boolean;
  detail: string;
}

/** Shows what an action would do to each selected job, then does it to one after the other. */
export function SelectionDialog({ jobs: selected, action, onClose }: Props) {
  // The list goes on being read meanwhile; what was agreed to is what was shown.
  const [jobs] = useState(selected);
  const [asked, setAsked] = useState<Asked>({ action, revision: 'original' });
  const [comment, setComment] = useState('');
  const { outcomes, state, run } = useRun(jobs, asked, comment);
  const possible = jobs.filter((job) => courseOf(job, asked).possible).length;
  const { name, effect, destructive } = ACTIONS[action];
  const needsComment = lacksComment(asked, comment);
  return (
    <Dialog
      open
      fullWidth
      maxWidth="md"
      aria-labelledby="selection-title"
      onClose={() => {
        if (state !== 'running') onClose(state === 'done');
      }}
    >
      <DialogTitle id="selection-title">
        {name} {possible} of {jobs.length} selected {jobs.length === 1 ? 'job' : 'jobs'}
      </DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          {state === 'asking' && (
            <>
              <Typography variant="body2">{effect}</Typography>
              <HowTo
                withRoute={jobs.some(({ revision }) => revision === 0)}
                asked={asked}
                onChange={(part) => {
                  setAsked((before) => ({ ...before, ...part }));
                }}
              />
              <CommentInput
                asked={asked}
                comment={comment}
                about="Why; it is kept with each run."
                onChange={setComment}
              />
            </>
          )}
          {state === 'running' && (
            <LinearProgress
              variant="determinate"
              value={(outcomes.size / Math.max(1, possible)) * 100}
              aria-label="Progress"
            />
          )}
          <Preview jobs={jobs} asked={asked} outcomes={outcomes} />
        </Stack>
      </DialogContent>
      <DialogActions>
        {state !== 'done' && (
          <Button
            disabled={state === 'running'}
            onClick={() => {
              onClose(false);
            }}
          >
            Leave them as they are
          </Button>
        )}
        {state === 'done' ? (
          <Button
            variant="contained"
            onClick={() => {
              onClose(true);
            }}
          >
            Close
          </Button>
        ) : (
          <Button
            variant="contained"
            color={destructive ? 'error' : 'primary'}
            loading={state === 'running'}
            disabled={possible === 0 || needsComment}
            onClick={() => void run()}
          >
            {name} {possible}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function useRun(jobs: JobRecord[], asked: Asked, comment: string) {
  const client = useClient();
  const refresh = useRefresh();
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [state, setState] = useState<'asking' | 'running' | 'done'>('asking');
  const key = useRef(crypto.randomUUID());
  const run = async () => {
    setState('running');
    for (const job of jobs) {
      if (!courseOf(job, asked).possible) continue;
      const outcome = await client
        .call(OPERATIONS[asked.action], {
          path: { job_id: job.job_id },
          body: bodyOf(asked, comment.trim()),
          idempotencyKey: `${key.current}-${job.job_id}`,
        })
        .then(
          () => ({ done: true, detail: courseOf(job, asked).plan }),
          (error: unknown) => ({
            done: false,
            detail: error instanceof Error ? error.message : String(error),
          }),
        );
      setOutcomes((before) => new Map(before).set(job.id, outcome));
    }
    setState('done');
    refresh();
  };
  return { outcomes, state, run };
}

interface PreviewProps {
  jobs: JobRecord[];
  asked: Asked;
  outcomes: ReadonlyMap<string, Outcome>;
}

function Preview({ jobs, asked, outcomes }: PreviewProps) {
  return (
    <TableContainer sx={{ maxHeight: 360 }}>
      <Table size="small" stickyHeader aria-label="What happens to each job">
        <TableHead>
          <TableRow>
            <TableCell>File</TableCell>
            <TableCell>Status</TableCell>
            <TableCell>What happens</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {jobs.map((job) => {
            const course = courseOf(job, asked);
            const outcome = outcomes.get(job.id);
            return (
              <TableRow key={job.id}>
                <TableCell sx={{ overflowWrap: 'anywhere' }}>{job.filename}</TableCell>
                <TableCell>
                  <JobStatusChip status={job.status} rejected={Boolean(job.rejected_at)} />
                </TableCell>
                <TableCell>
                  {outcome ? (
                    <StatusChip
                      label={outcome.done ? 'Done' : 'Failed'}
                      tone={outcome.done ? 'good' : 'bad'}
                    />
                  ) : (
                    <StatusChip
                      label={course.possible ? 'Possible' : 'Skipped'}
                      tone={course.possible ? 'info' : 'neutral'}
                    />
                  )}{' '}
                  {outcome?.detail ?? course.plan}
                </TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
