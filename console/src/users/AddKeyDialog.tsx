import { Alert, TextField, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { MONOSPACE } from '../inputs/JsonTextInput';
import { ActionDialog } from '../records/ActionDialog';
import { checkKey, fingerprintOf } from './keys';

export interface NewPublicKey {
  key: string;
  label: string;
  not_before: string | null;
  expires_at: string | null;
}

interface Props {
  /** The key that the new one is to replace. */
  old?: NewPublicKey;
  add: (key: NewPublicKey, oldEnds?: string) => void;
  close: () => void;
}

/** Takes a pasted public key and shows its fingerprint, to be compared with the partner's. */
export function AddKeyDialog({ old, add, close }: Props) {
  const [pasted, setPasted] = useState('');
  const [label, setLabel] = useState('');
  const [end, setEnd] = useState('');
  const [oldEnd, setOldEnd] = useState(inDays(14));
  const checked = checkKey(pasted);
  const good = checked.wrong === undefined;
  const { data: fingerprint } = useQuery({
    queryKey: ['fingerprint', checked.key],
    queryFn: () => fingerprintOf(checked.key),
    enabled: good,
    staleTime: Infinity,
  });
  const shrink = { inputLabel: { shrink: true } };
  return (
    <ActionDialog
      title={old ? `Rotate ${old.label || 'the key'}` : 'Add a key'}
      about={
        old
          ? 'Both keys are valid until the old one ends, so that no login is refused in between.'
          : undefined
      }
      action="Add to the form"
      disabled={!good}
      onDo={() => {
        add(
          {
            key: checked.key,
            label: label || (checked.comment ?? ''),
            not_before: null,
            expires_at: endOfDay(end),
          },
          endOfDay(oldEnd) ?? undefined,
        );
      }}
      close={close}
    >
      <TextField
        label="Public key"
        placeholder="ssh-ed25519 AAAA… name"
        value={pasted}
        onChange={(event) => {
          setPasted(event.target.value);
        }}
        error={pasted !== '' && !good}
        helperText={pasted !== '' ? checked.wrong : 'The contents of the partner’s .pub file'}
        multiline
        minRows={3}
        maxRows={8}
        margin="dense"
        slotProps={{ htmlInput: { spellCheck: false, style: MONOSPACE } }}
      />
      {good && (
        <Alert severity="success" sx={{ overflowWrap: 'anywhere' }}>
          {checked.type} {checked.comment}
          <Typography variant="body2">{fingerprint}</Typography>
          Compare the fingerprint with the partner’s: <code>ssh-keygen -lf FILE.pub</code>
        </Alert>
      )}
      <TextField
        label="Label"
        value={label}
        placeholder={checked.comment}
        onChange={(event) => {
          setLabel(event.target.value);
        }}
        helperText="Unique among the user’s keys"
      />
      <TextField
        label="Ends on"
        type="date"
        value={end}
        onChange={(event) => {
          setEnd(event.target.value);
        }}
        helperText="Empty: without end"
        slotProps={shrink}
      />
      {old && (
        <TextField
          label="The old key ends on"
          type="date"
          value={oldEnd}
          onChange={(event) => {
            setOldEnd(event.target.value);
          }}
          slotProps={shrink}
        />
      )}
    </ActionDialog>
  );
}

function endOfDay(date: string): string | null {
  return date === '' ? null : `${date}T23:59:59Z`;
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
