import { Button, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { useRecordContext } from 'react-admin';

import type { Schema } from '../api/types';
import { useMay } from '../auth/IdentityContext';
import { ActionDialog } from '../records/ActionDialog';
import { FormSection } from '../records/FormSection';
import { useAction } from '../records/useAction';
import { Time } from '../shared/Time';

/** A password beside the keys, where the server takes one; the API says so where it does not. */
export function Password() {
  const user = useRecordContext<Schema<'UserAnswer'>>();
  const may = useMay();
  const [open, setOpen] = useState<'set' | 'remove'>();
  const close = () => {
    setOpen(undefined);
  };
  return (
    <FormSection
      title="Password"
      action={
        may('setPassword') && (
          <>
            {user?.password_set_at && (
              <Button
                onClick={() => {
                  setOpen('remove');
                }}
              >
                Remove
              </Button>
            )}
            <Button
              variant="outlined"
              onClick={() => {
                setOpen('set');
              }}
            >
              Set a password
            </Button>
          </>
        )
      }
    >
      <Typography>
        {user?.password_set_at ? (
          <>
            Set <Time at={user.password_set_at} />. Only its hash is kept.
          </>
        ) : (
          'None: this user logs in by keys.'
        )}
      </Typography>
      {open === 'set' && <SetPassword close={close} />}
      {open === 'remove' && <RemovePassword close={close} />}
    </FormSection>
  );
}

function SetPassword({ close }: { close: () => void }) {
  const [password, setPassword] = useState('');
  const set = useAction('setPassword', { resource: 'users', done: 'The password is set', onDone: close });
  const wrong = password.length > 0 && password.length < 12;
  return (
    <ActionDialog
      title="Set a password"
      about="Keys are safer. The server must be deployed to take passwords."
      action="Set"
      disabled={password.length < 12 || password.length > 128 || set.isPending}
      error={set.error}
      onDo={() => {
        set.mutate({ body: { password } });
      }}
      close={close}
    >
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
        error={wrong}
        helperText="12 to 128 characters"
      />
    </ActionDialog>
  );
}

function RemovePassword({ close }: { close: () => void }) {
  const remove = useAction('removePassword', {
    resource: 'users',
    done: 'The password is removed',
    onDone: close,
  });
  return (
    <ActionDialog
      title="Remove the password?"
      about="The user can then log in by keys only."
      action="Remove"
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
