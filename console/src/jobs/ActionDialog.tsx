import {
  Alert,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  Stack,
  Typography,
} from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNotify, useRefresh } from 'react-admin';

import type { ApiError } from '../api/client';
import { useClient } from '../api/useClient';
import { Problem } from '../shared/Problem';
import { ACTIONS, bodyOf, courseOf, OPERATIONS, type Asked } from './actions';
import { CommentInput, lacksComment } from './CommentInput';
import { HowTo } from './HowTo';
import { routeOf, type Action, type Job } from './job';

interface Props {
  job: Job;
  action: Action;
  onClose: () => void;
}

/** Asks before an action on one job: what will happen, how, and why. */
export function ActionDialog({ job, action, onClose }: Props) {
  const [asked, setAsked] = useState<Asked>({ action, revision: routeOf(job) ? 'original' : 'current' });
  const [comment, setComment] = useState('');
  const perform = usePerform(job, asked, comment, onClose);
  const { name, effect, destructive } = ACTIONS[action];
  const course = courseOf(job, asked);
  const needsComment = lacksComment(asked, comment);
  const change = (part: Partial<Asked>) => {
    setAsked((before) => ({ ...before, ...part }));
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="action-title">
      <DialogTitle id="action-title">
        {name} {job.filename}?
      </DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <Typography variant="body2">{effect}</Typography>
          <HowTo withRoute={job.revision === 0} asked={asked} onChange={change} />
          <Alert severity={course.possible ? 'info' : 'warning'}>{course.plan}</Alert>
          <CommentInput
            asked={asked}
            comment={comment}
            about="Why; it is kept with the run and in the audit log."
            onChange={setComment}
          />
          {perform.error && <Problem error={perform.error} title={`${name} was not possible`} />}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Leave it as it is</Button>
        <Button
          variant="contained"
          color={destructive ? 'error' : 'primary'}
          loading={perform.isPending}
          disabled={needsComment || !course.possible}
          onClick={() => {
            perform.mutate();
          }}
        >
          {name}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function usePerform(job: Job, asked: Asked, comment: string, onDone: () => void) {
  const client = useClient();
  const notify = useNotify();
  const refresh = useRefresh();
  // A repeat of the same request does nothing twice; a changed one is another request.
  const idempotencyKey = useKeyOf(asked, comment);
  return useMutation<unknown, ApiError>({
    mutationFn: () =>
      client.call(OPERATIONS[asked.action], {
        path: { job_id: job.job_id },
        body: bodyOf(asked, comment.trim()),
        idempotencyKey,
      }),
    onSuccess: () => {
      notify(`${ACTIONS[asked.action].name}: ${courseOf(job, asked).plan}`, { type: 'success' });
      refresh();
      onDone();
    },
  });
}

function useKeyOf(asked: Asked, comment: string): string {
  const request = JSON.stringify([asked, comment]);
  const key = useRef({ request, key: crypto.randomUUID() });
  if (key.current.request !== request) key.current = { request, key: crypto.randomUUID() };
  return key.current.key;
}
