import { Alert, TextField } from '@mui/material';
import { useState } from 'react';
import { useFormContext } from 'react-hook-form';

import { MONOSPACE } from '../inputs/JsonTextInput';
import { mistakeText, parseJson } from '../inputs/parseJson';
import { isRecord } from '../schema/jsonSchema';
import { mistakesOf } from '../schema/mistakes';
import { prepared } from '../schema/prepared';
import { useFormSchema } from '../schema/SchemaContext';

/** The route as JSON text; what is written here is at once in the form, and the other way round. */
export function RouteJson() {
  const { schema, readOnly } = useFormSchema();
  const { getValues, reset } = useFormContext();
  const [text, setText] = useState(() => JSON.stringify(prepared(schema, getValues()), null, 2));
  const found = parseJson(text);
  const value = 'value' in found && isRecord(found.value) ? found.value : undefined;
  const broken =
    'mistake' in found ? mistakeText(found.mistake) : value ? undefined : 'Write an object: { … }';
  const mistakes = value ? mistakesOf(schema, value) : [];
  const change = (changed: string) => {
    setText(changed);
    const now = parseJson(changed);
    if (!('value' in now) || !isRecord(now.value)) return;
    const known = schema.properties ?? {};
    const others = Object.entries(getValues()).filter(([name]) => !(name in known));
    reset({ ...Object.fromEntries(others), ...now.value }, { keepDefaultValues: true });
  };
  return (
    <>
      <TextField
        label="Route as JSON"
        value={text}
        onChange={(event) => {
          change(event.target.value);
        }}
        multiline
        minRows={16}
        maxRows={40}
        fullWidth
        error={broken !== undefined}
        helperText={
          broken ?? 'The form shows the same; what the API adds, such as the revision, is left out.'
        }
        slotProps={{ input: { readOnly }, htmlInput: { spellCheck: false, style: MONOSPACE } }}
      />
      {mistakes.length > 0 && (
        <Alert severity="warning" sx={{ mt: 1 }}>
          {mistakes.map(({ pointer, detail }) => (
            <div key={`${pointer ?? ''}${detail}`}>
              <code>{pointer}</code> {detail}
            </div>
          ))}
        </Alert>
      )}
    </>
  );
}
