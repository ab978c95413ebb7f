import { TextField } from '@mui/material';
import { useState } from 'react';

import type { Schema } from '../api/types';
import { pairsOf } from '../inputs/lines';
import { MONOSPACE } from '../inputs/JsonTextInput';
import { ActionDialog } from '../records/ActionDialog';
import { useAction } from '../records/useAction';

const FIELDS = {
  sftp: [
    { name: 'password', label: 'Password' },
    { name: 'private_key', label: 'Private key (OpenSSH or PEM)', long: true },
    { name: 'passphrase', label: 'Passphrase of the private key' },
  ],
  https: [
    { name: 'authorization', label: 'Header Authorization' },
    { name: 'hmac_key', label: 'Key that signs the body' },
    { name: 'headers', label: 'Further secret headers', long: true },
  ],
} as const;

/** Stores a credential; what is written here is sent and forgotten. */
export function CredentialDialog({ kind, close }: { kind: 'sftp' | 'https'; close: () => void }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [wrong, setWrong] = useState<unknown>();
  const store = useAction<Schema<'Destination'>>('storeCredential', {
    resource: 'destinations',
    done: 'The credential is stored',
    onDone: close,
  });
  const send = () => {
    setWrong(undefined);
    try {
      const { headers, ...given } = Object.fromEntries(
        Object.entries(values).filter(([, value]) => value !== ''),
      );
      store.mutate({ body: { ...given, ...(headers !== undefined && { headers: pairsOf(headers) }) } });
    } catch (error) {
      setWrong(error);
    }
  };
  return (
    <ActionDialog
      title="Store a credential"
      about="Only what is written here is kept; it replaces all of the one before."
      action="Store"
      disabled={store.isPending || Object.values(values).every((value) => value === '')}
      error={wrong ?? store.error}
      onDo={send}
      close={close}
    >
      {FIELDS[kind].map(({ name, label, ...field }) => (
        <TextField
          key={name}
          label={label}
          value={values[name] ?? ''}
          onChange={(event) => {
            setValues({ ...values, [name]: event.target.value });
          }}
          type={'long' in field ? 'text' : 'password'}
          autoComplete="new-password"
          multiline={'long' in field}
          minRows={'long' in field ? 3 : undefined}
          maxRows={10}
          helperText={name === 'headers' ? 'name = value, one a line' : undefined}
          slotProps={{ htmlInput: { spellCheck: false, style: 'long' in field ? MONOSPACE : undefined } }}
        />
      ))}
    </ActionDialog>
  );
}
