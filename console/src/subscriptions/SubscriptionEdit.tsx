import { Alert, Box, Button, TextField } from '@mui/material';
import { useState } from 'react';
import { useNotify, useRecordContext, useRedirect } from 'react-admin';

import type { Schema } from '../api/types';
import { useMay } from '../auth/IdentityContext';
import { ActionDialog } from '../records/ActionDialog';
import { RecordEdit } from '../records/RecordEdit';
import { FormSection } from '../records/FormSection';
import { useAction } from '../records/useAction';
import { Problem } from '../shared/Problem';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { Attempts } from './Attempts';
import { SecretDialog } from './SecretDialog';
import { STATES } from './subscription';
import { SubscriptionFields } from './SubscriptionFields';

type Subscription = Schema<'SubscriptionAnswer'>;

export default function SubscriptionEdit() {
  return (
    <RecordEdit
      schema="subscription"
      operation="replaceSubscription"
      kind="Subscription"
      bare
      narrow
      above={<State />}
      below={<Attempts />}
    >
      <SubscriptionFields />
    </RecordEdit>
  );
}

function State() {
  const record = useRecordContext<Subscription>();
  const may = useMay();
  const notify = useNotify();
  const [open, setOpen] = useState<'rotate' | 'delete'>();
  const trial = useAction<Schema<'TestSent'>>('trySubscription', {
    resource: 'subscriptions',
    onDone: ({ event_id }) => {
      notify(`A test is under way; look for event ${event_id} in the log below.`);
    },
  });
  const close = () => {
    setOpen(undefined);
  };
  const state = record?.state ? STATES[record.state] : undefined;
  return (
    <FormSection
      title="State"
      action={
        <>
          {may('trySubscription') && (
            <Button
              variant="outlined"
              disabled={trial.isPending}
              onClick={() => {
                trial.mutate({});
              }}
            >
              Send a test
            </Button>
          )}
          {may('rotateSubscriptionSecret') && record?.target.kind === 'https' && (
            <Button
              onClick={() => {
                setOpen('rotate');
              }}
            >
              Rotate the secret
            </Button>
          )}
          {may('deleteSubscription') && (
            <Button
              color="error"
              onClick={() => {
                setOpen('delete');
              }}
            >
              Delete
            </Button>
          )}
        </>
      }
    >
      {state && (
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
          <StatusChip label={state.label} tone={state.tone} /> {state.about}
        </Box>
      )}
      {record?.failures && record.failures.count > 0 && (
        <Alert severity="warning" sx={{ mt: 1 }}>
          {record.failures.count} failures since <Time at={record.failures.since} />. See the log below.
        </Alert>
      )}
      {record?.previous_secret_until && (
        <Alert severity="info" sx={{ mt: 1 }}>
          Events are signed with two secrets until <Time at={record.previous_secret_until} />.
        </Alert>
      )}
      {trial.error && <Problem error={trial.error} />}
      {open === 'rotate' && <RotateDialog close={close} />}
      {open === 'delete' && <DeleteDialog close={close} />}
    </FormSection>
  );
}

/** Makes a new secret, and shows it the one time that it is told. */
function RotateDialog({ close }: { close: () => void }) {
  const [hours, setHours] = useState('24');
  const rotate = useAction<Subscription>('rotateSubscriptionSecret', { resource: 'subscriptions' });
  const secret = rotate.data?.secret;
  if (secret) {
    return <SecretDialog title="The new secret" secret={secret} close={close} />;
  }
  return (
    <ActionDialog
      title="Rotate the secret?"
      about="Events are signed with both secrets for a while, so that the receiver can change in peace."
      action="Rotate"
      disabled={rotate.isPending}
      error={rotate.error}
      onDo={() => {
        rotate.mutate({ body: { overlap_hours: Number(hours) } });
      }}
      close={close}
    >
      <TextField
        label="Both are valid for (hours)"
        type="number"
        value={hours}
        onChange={(event) => {
          setHours(event.target.value);
        }}
        margin="dense"
        slotProps={{ htmlInput: { min: 0, max: 720 } }}
      />
    </ActionDialog>
  );
}

function DeleteDialog({ close }: { close: () => void }) {
  const redirect = useRedirect();
  const remove = useAction('deleteSubscription', {
    resource: 'subscriptions',
    done: 'The subscription is deleted',
    refreshes: false,
    onDone: () => {
      redirect('list', 'subscriptions');
    },
  });
  return (
    <ActionDialog
      title="Delete the subscription?"
      about="It is told nothing any more, and its log is lost. To pause it, switch it off instead."
      action="Delete"
      dangerous
      disabled={remove.isPending}
      error={remove.error}
      onDo={() => {
        remove.mutate({});
      }}
      close={close}
    />
  );
}
