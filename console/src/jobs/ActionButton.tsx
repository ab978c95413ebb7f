import Cancel from '@mui/icons-material/StopCircleOutlined';
import Redrive from '@mui/icons-material/FastForward';
import Reject from '@mui/icons-material/Block';
import Release from '@mui/icons-material/LockOpen';
import Replay from '@mui/icons-material/Replay';
import Retry from '@mui/icons-material/RestartAlt';
import { Button, type ButtonProps } from '@mui/material';
import type { SvgIconComponent } from '@mui/icons-material';

import { ACTIONS } from './actions';
import type { Action } from './job';

const ICONS: Record<Action, SvgIconComponent> = {
  cancel: Cancel,
  retry: Retry,
  redrive: Redrive,
  replay: Replay,
  release: Release,
  reject: Reject,
};

interface Props {
  action: Action;
  variant?: ButtonProps['variant'];
  onChoose: (action: Action) => void;
}

/** Offers an action on one job, or on several. */
export function ActionButton({ action, variant, onChoose }: Props) {
  const { name, destructive } = ACTIONS[action];
  const Icon = ICONS[action];
  return (
    <Button
      size="small"
      variant={variant}
      color={destructive ? 'error' : 'primary'}
      startIcon={<Icon />}
      onClick={() => {
        onChoose(action);
      }}
    >
      {name}
    </Button>
  );
}
