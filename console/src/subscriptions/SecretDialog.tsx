import { Alert } from '@mui/material';

import { ActionDialog } from '../records/ActionDialog';
import { CopyText } from '../records/CopyText';

interface Props {
  title: string;
  secret: string;
  close: () => void;
}

/** Shows a secret the one time that it is told. */
export function SecretDialog({ title, secret, close }: Props) {
  return (
    <ActionDialog title={title} action="I have it" onDo={close} close={close}>
      <Alert severity="warning">It is shown only now. Keep it where the receiver checks signatures.</Alert>
      <CopyText text={secret} label="Secret" />
    </ActionDialog>
  );
}
