import { TextField } from '@mui/material';
import { useState } from 'react';

import type { Schema } from '../api/types';
import { ActionDialog } from '../records/ActionDialog';
import { useAction } from '../records/useAction';

/** Takes a key out of use, now or later. */
export function RetireDialog({ value, close }: { value: Schema<'KeyAnswer'>; close: () => void }) {
  const [at, setAt] = useState('');
  const retire = useAction('retireKey', { resource: 'key-rings', done: 'The key is retired', onDone: close });
  return (
    <ActionDialog
      title={`Retire ${value.label || value.user_ids[0] || 'the key'}?`}
      about="It is then used for nothing any more. A later time leaves an overlap in which files for either key pass."
      action="Retire"
      dangerous
      disabled={retire.isPending}
      error={retire.error}
      onDo={() => {
        retire.mutate({
          path: { fingerprint: value.fingerprint },
          body: at === '' ? {} : { at: new Date(at).toISOString() },
        });
      }}
      close={close}
    >
      <TextField
        label="From"
        type="datetime-local"
        value={at}
        onChange={(event) => {
          setAt(event.target.value);
        }}
        helperText="Empty: now"
        margin="dense"
        slotProps={{ inputLabel: { shrink: true } }}
      />
    </ActionDialog>
  );
}
