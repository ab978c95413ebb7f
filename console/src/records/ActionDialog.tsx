import { Button, Dialog, DialogActions, DialogContent, DialogContentText, DialogTitle } from '@mui/material';
import { useId, type ReactNode } from 'react';

import { Problem } from '../shared/Problem';

interface Props {
  title: string;
  about?: string;
  /** The word on the button. */
  action: string;
  dangerous?: boolean;
  disabled?: boolean;
  error?: unknown;
  onDo: () => void;
  close: () => void;
  children?: ReactNode;
}

/** Asks for what an action needs, or whether it is meant. */
export function ActionDialog({
  title,
  about,
  action,
  dangerous,
  disabled,
  error,
  onDo,
  close,
  children,
}: Props) {
  const id = useId();
  return (
    <Dialog open onClose={close} maxWidth="sm" fullWidth aria-labelledby={id}>
      <DialogTitle id={id}>{title}</DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        {about && <DialogContentText>{about}</DialogContentText>}
        {children}
        {error !== undefined && error !== null && <Problem error={error} />}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Cancel</Button>
        <Button
          variant="contained"
          color={dangerous ? 'error' : 'primary'}
          disabled={disabled}
          onClick={onDo}
        >
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
