import { FormControlLabel, Radio, RadioGroup, TextField } from '@mui/material';
import { useState } from 'react';

import { MONOSPACE } from '../inputs/JsonTextInput';
import { ActionDialog } from '../records/ActionDialog';
import { useAction } from '../records/useAction';
import { bodyOf, WAYS, wrongIn, type RingKeyInput, type Way } from './ringKey';

const BEGIN: RingKeyInput = {
  way: 'generate',
  text: '',
  passphrase: '',
  userId: '',
  validDays: '730',
  label: '',
  notBefore: '',
};

/** A key comes into a ring: made here, imported, or the partner's certificate. */
export function AddRingKey({ close }: { close: () => void }) {
  const [input, setInput] = useState(BEGIN);
  const add = useAction('addKey', { resource: 'key-rings', done: 'The key is added', onDone: close });
  const put = (part: Partial<RingKeyInput>) => {
    setInput({ ...input, ...part });
  };
  const wrong = wrongIn(input);
  return (
    <ActionDialog
      title="Add a key"
      action={input.way === 'generate' ? 'Generate' : 'Import'}
      disabled={wrong !== undefined || add.isPending}
      error={add.error}
      onDo={() => {
        add.mutate({ body: bodyOf(input) });
      }}
      close={close}
    >
      <RadioGroup
        aria-label="Where the key comes from"
        value={input.way}
        onChange={(_, way) => {
          put({ way: way as Way });
        }}
      >
        {Object.entries(WAYS).map(([way, text]) => (
          <FormControlLabel key={way} value={way} control={<Radio size="small" />} label={text} />
        ))}
      </RadioGroup>
      {input.way === 'generate' ? (
        <>
          <Text
            label="User id"
            value={input.userId}
            put={(userId) => put({ userId })}
            help="Such as Acme files <files@acme.example>"
          />
          <Text
            label="Valid for (days)"
            value={input.validDays}
            put={(validDays) => put({ validDays })}
            type="number"
          />
        </>
      ) : (
        <TextField
          label={input.way === 'certificate' ? 'Certificate' : 'Private key'}
          placeholder={`-----BEGIN PGP ${input.way === 'certificate' ? 'PUBLIC' : 'PRIVATE'} KEY BLOCK-----`}
          value={input.text}
          onChange={(event) => {
            put({ text: event.target.value });
          }}
          error={input.text !== '' && wrong !== undefined}
          helperText={input.text !== '' ? wrong : 'ASCII-armoured'}
          multiline
          minRows={4}
          maxRows={10}
          slotProps={{ htmlInput: { spellCheck: false, style: MONOSPACE } }}
        />
      )}
      {input.way === 'private_key' && (
        <Text
          label="Passphrase"
          value={input.passphrase}
          put={(passphrase) => put({ passphrase })}
          type="password"
        />
      )}
      <Text label="Label" value={input.label} put={(label) => put({ label })} />
      <Text
        label="Encrypt or sign with it from"
        value={input.notBefore}
        put={(notBefore) => put({ notBefore })}
        type="datetime-local"
        help="Empty: now. Until then it only decrypts and verifies."
      />
    </ActionDialog>
  );
}

interface TextProps {
  label: string;
  value: string;
  put: (value: string) => void;
  type?: string;
  help?: string;
}

function Text({ label, value, put, type = 'text', help }: TextProps) {
  return (
    <TextField
      label={label}
      type={type}
      value={value}
      onChange={(event) => {
        put(event.target.value);
      }}
      helperText={help}
      autoComplete={type === 'password' ? 'new-password' : undefined}
      slotProps={{ inputLabel: type === 'datetime-local' ? { shrink: true } : {} }}
    />
  );
}
