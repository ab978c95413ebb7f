import PlaylistPlay from '@mui/icons-material/PlaylistPlay';
import {
  Alert,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  MenuItem,
  Stack,
  TextField,
  Typography,
} from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useCreatePath, useListContext } from 'react-admin';
import { useNavigate } from 'react-router-dom';

import type { ApiError } from '../api/client';
import { useClient } from '../api/useClient';
import { ACTIONS, ACTION_NAMES, bodyOf, type Asked } from '../jobs/actions';
import { CommentInput, lacksComment } from '../jobs/CommentInput';
import { asJobFilter, filterText, type JobFilter } from '../jobs/filters';
import { HowTo } from '../jobs/HowTo';
import type { Action } from '../jobs/job';
import { Problem } from '../shared/Problem';
import type { Bulk } from './bulk';

/** Begins an action on all jobs that the list's filter finds; first it is only planned. */
export function BulkAll({ status }: { status?: JobFilter['status'] }) {
  const { filterValues } = useListContext();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="small"
        startIcon={<PlaylistPlay />}
        onClick={() => {
          setOpen(true);
        }}
      >
        Act on all of these …
      </Button>
      {open && (
        <PlanDialog
          filter={asJobFilter({ ...(filterValues as Record<string, unknown>), ...(status && { status }) })}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function PlanDialog({ filter, onClose }: { filter: JobFilter; onClose: () => void }) {
  const [asked, setAsked] = useState<Asked>({ action: likely(filter), revision: 'original' });
  const [comment, setComment] = useState('');
  const plan = usePlan(asked, filter, comment);
  const needsComment = lacksComment(asked, comment);
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="plan-title">
      <DialogTitle id="plan-title">Act on {filterText(filter)}</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          <TextField
            select
            label="Action"
            value={asked.action}
            onChange={({ target }) => {
              setAsked((before) => ({ ...before, action: target.value as Action }));
            }}
          >
            {ACTION_NAMES.map((action) => (
              <MenuItem key={action} value={action}>
                {ACTIONS[action].name}
              </MenuItem>
            ))}
          </TextField>
          <Typography variant="body2">{ACTIONS[asked.action].effect}</Typography>
          <HowTo
            withRoute
            asked={asked}
            onChange={(part) => {
              setAsked((before) => ({ ...before, ...part }));
            }}
          />
          <CommentInput
            asked={asked}
            comment={comment}
            about="Why; it is kept with each job’s run."
            onChange={setComment}
          />
          <Alert severity="info">
            The plan does nothing yet: it lists up to 10,000 jobs, and says of each what would happen or why
            it is not possible. You run it on the next page.
          </Alert>
          {plan.error && <Problem error={plan.error} title="It cannot be planned" />}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Leave it</Button>
        <Button
          variant="contained"
          loading={plan.isPending}
          disabled={needsComment}
          onClick={() => {
            plan.mutate();
          }}
        >
          Plan
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function usePlan(asked: Asked, filter: JobFilter, comment: string) {
  const client = useClient();
  const navigate = useNavigate();
  const createPath = useCreatePath();
  return useMutation<Bulk, ApiError>({
    mutationFn: async () => {
      const body = { action: asked.action, filter, ...bodyOf(asked, comment.trim()) };
      return (await client.call<Bulk>('planBulkAction', { body, idempotencyKey: crypto.randomUUID() })).data;
    },
    onSuccess: ({ id }) => {
      void navigate(createPath({ resource: 'bulk-actions', type: 'show', id }));
    },
  });
}

/** The action that jobs of the filter's status most likely need. */
function likely({ status }: JobFilter): Action {
  if (status === 'QUARANTINED') return 'release';
  if (status === 'FAILED' || status === 'CANCELLED') return 'redrive';
  if (status === 'RUNNING' || status === 'RECEIVED') return 'cancel';
  return 'replay';
}
