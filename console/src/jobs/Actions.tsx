import Cancel from '@mui/icons-material/StopCircleOutlined';
import Redrive from '@mui/icons-material/FastForward';
import Reject from '@mui/icons-material/Block';
import Release from '@mui/icons-material/LockOpen';
import Replay from '@mui/icons-material/Replay';
import Retry from '@mui/icons-material/RestartAlt';
import { Button, Stack } from '@mui/material';
import type { SvgIconComponent } from '@mui/icons-material';
import { useState } from 'react';

import { useMay } from '../auth/IdentityContext';
import { ActionDialog } from './ActionDialog';
import { ACTIONS, OPERATIONS, possibleActions } from './actions';
import type { Action, Job } from './job';

export const ACTION_ICONS: Record<Action, SvgIconComponent> = {
  cancel: Cancel,
  retry: Retry,
  redrive: Redrive,
  replay: Replay,
  release: Release,
  reject: Reject,
};

/** Buttons of what can be done to a job now, by whoever looks at it. */
export function Actions({ job }: { job: Job }) {
  const may = useMay();
  const [chosen, setChosen] = useState<Action>();
  const offered = possibleActions(job).filter((action) => may(OPERATIONS[action]));
  return (
    <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap' }}>
      {offered.map((action, index) => {
        const Icon = ACTION_ICONS[action];
        return (
          <Button
            key={action}
            size="small"
            variant={
              index === 0 && job.status !== 'SUCCEEDED' && !ACTIONS[action].destructive
                ? 'contained'
                : 'outlined'
            }
            color={ACTIONS[action].destructive ? 'error' : 'primary'}
            startIcon={<Icon />}
            onClick={() => {
              setChosen(action);
            }}
          >
            {ACTIONS[action].name}
          </Button>
        );
      })}
      {chosen && (
        <ActionDialog
          job={job}
          action={chosen}
          onClose={() => {
            setChosen(undefined);
          }}
        />
      )}
    </Stack>
  );
}
