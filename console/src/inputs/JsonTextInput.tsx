import { TextField } from '@mui/material';
import { useState } from 'react';
import { useInput } from 'react-admin';

import { useFormSchema } from '../schema/SchemaContext';
import { mistakeText, parseJson } from './parseJson';

interface Props {
  source: string;
  label: string;
  help?: string;
}

/** A field whose value is JSON, written as text; text that is not JSON holds back saving. */
export function JsonTextInput({ source, label, help }: Props) {
  const { readOnly } = useFormSchema();
  const [broken, setBroken] = useState<{ text: string; told: string }>();
  const { field, fieldState } = useInput({ source });
  const change = (text: string) => {
    const found = parseJson(text);
    if ('mistake' in found) {
      setBroken({ text, told: mistakeText(found.mistake) });
    } else {
      setBroken(undefined);
      field.onChange(found.value);
    }
  };
  const [draft, setDraft] = useState<string>();
  const error = broken?.told ?? fieldState.error?.message;
  return (
    <TextField
      label={label}
      value={broken?.text ?? draft ?? JSON.stringify(field.value, null, 2)}
      onChange={(event) => {
        setDraft(event.target.value);
        change(event.target.value);
      }}
      onBlur={() => {
        if (!broken) setDraft(undefined);
        field.onBlur();
      }}
      error={error !== undefined}
      helperText={error ?? help}
      multiline
      minRows={6}
      maxRows={24}
      fullWidth
      margin="dense"
      slotProps={{ input: { readOnly }, htmlInput: { spellCheck: false, style: MONOSPACE } }}
    />
  );
}

export const MONOSPACE = { fontFamily: 'ui-monospace, monospace', fontSize: 13 } as const;
