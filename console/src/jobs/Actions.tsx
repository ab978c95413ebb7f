import { Stack } from '@mui/material';
import { useState } from 'react';

import { useMay } from '../auth/IdentityContext';
import { ActionButton } from './ActionButton';
import { ActionDialog } from './ActionDialog';
import { ACTIONS, OPERATIONS, possibleActions } from './actions';
import type { Action, Job } from './job';

/** Buttons of what can be done to a job now, by whoever looks at it. */
export function Actions({ job }: { job: Job }) {
  const may = useMay();
  const [chosen, setChosen] = useState<Action>();
  const offered = possibleActions(job).filter((action) => may(OPERATIONS[action]));
  return (
    <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap' }}>
      {offered.map((action, index) => (
        <ActionButton
          key={action}
          action={action}
          variant={
            index === 0 && job.status !== 'SUCCEEDED' && !ACTIONS[action].destructive
              ? 'contained'
              : 'outlined'
          }
          onChoose={setChosen}
        />
      ))}
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
