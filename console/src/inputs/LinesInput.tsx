import { TextField } from '@mui/material';
import { useState } from 'react';
import { useInput } from 'react-admin';

import { useFormSchema } from '../schema/SchemaContext';
import { MONOSPACE } from './JsonTextInput';
import { groupsOf, groupsText, pairsOf, pairsText } from './lines';

interface Props {
  source: string;
  label: string;
  help: string;
}

interface Form {
  text: (value: unknown) => string;
  value: (text: string) => unknown;
}

/** Names and values, `name = value` in each line. */
export function PairsInput(props: Props) {
  return <LinesInput {...props} form={{ text: pairsText, value: pairsOf }} />;
}

/** Groups of names, with commas, one in each line. */
export function GroupsInput(props: Props) {
  return <LinesInput {...props} form={{ text: groupsText, value: groupsOf }} />;
}

function LinesInput({ source, label, help, form }: Props & { form: Form }) {
  const { readOnly } = useFormSchema();
  const { field, fieldState } = useInput({ source });
  const [draft, setDraft] = useState<string>();
  const [broken, setBroken] = useState<string>();
  const change = (text: string) => {
    setDraft(text);
    try {
      field.onChange(form.value(text));
      setBroken(undefined);
    } catch (error) {
      setBroken(error instanceof Error ? error.message : String(error));
    }
  };
  const error = broken ?? fieldState.error?.message;
  return (
    <TextField
      label={label}
      value={draft ?? form.text(field.value)}
      onChange={(event) => {
        change(event.target.value);
      }}
      onBlur={() => {
        if (broken === undefined) setDraft(undefined);
        field.onBlur();
      }}
      error={error !== undefined}
      helperText={error ?? help}
      multiline
      minRows={1}
      maxRows={12}
      fullWidth
      margin="dense"
      slotProps={{ input: { readOnly }, htmlInput: { spellCheck: false, style: MONOSPACE } }}
    />
  );
}
