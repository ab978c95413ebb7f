import Add from '@mui/icons-material/Add';
import Remove from '@mui/icons-material/DeleteOutline';
import { Box, Button, FormHelperText, FormLabel, IconButton, TextField } from '@mui/material';
import { useInput } from 'react-admin';
import { useFormState } from 'react-hook-form';

import { listedErrors } from '../schema/fieldErrors';
import { useFormSchema } from '../schema/SchemaContext';
import { MONOSPACE } from './JsonTextInput';

interface Props {
  source: string;
  label: string;
  /** What one of them is: "host key". */
  one: string;
  help?: string;
  placeholder?: string;
}

/** A list of long texts such as keys and certificates, each in a field of its own. */
export function TextsInput({ source, label, one, help, placeholder }: Props) {
  const { readOnly } = useFormSchema();
  const { field } = useInput({ source });
  const errors = Object.fromEntries(
    listedErrors(useFormState().errors).map((error) => [error.source, error.text]),
  );
  const texts: string[] = Array.isArray(field.value) ? (field.value as string[]) : [];
  const put = (changed: string[]) => {
    field.onChange(changed);
  };
  return (
    <Box component="fieldset" sx={{ border: 0, p: 0, m: 0, mt: 1 }}>
      <FormLabel component="legend" sx={{ fontSize: 13 }}>
        {label}
      </FormLabel>
      {texts.map((text, index) => (
        <Box key={index} sx={{ display: 'flex', alignItems: 'flex-start', gap: 1 }}>
          <TextField
            label={`${one} ${String(index + 1)}`}
            value={text}
            onChange={(event) => {
              put(texts.map((old, at) => (at === index ? event.target.value : old)));
            }}
            error={errors[`${source}.${String(index)}`] !== undefined}
            helperText={errors[`${source}.${String(index)}`]}
            placeholder={placeholder}
            multiline
            maxRows={6}
            fullWidth
            margin="dense"
            slotProps={{ input: { readOnly }, htmlInput: { spellCheck: false, style: MONOSPACE } }}
          />
          {!readOnly && (
            <IconButton
              aria-label={`Remove ${one} ${String(index + 1)}`}
              onClick={() => {
                put(texts.filter((_, at) => at !== index));
              }}
              sx={{ mt: 1 }}
            >
              <Remove />
            </IconButton>
          )}
        </Box>
      ))}
      {texts.length === 0 && readOnly && <FormHelperText>None</FormHelperText>}
      {errors[source] && <FormHelperText error>{errors[source]}</FormHelperText>}
      {help && <FormHelperText>{help}</FormHelperText>}
      {!readOnly && (
        <Button
          size="small"
          startIcon={<Add />}
          onClick={() => {
            put([...texts, '']);
          }}
        >
          Add {one}
        </Button>
      )}
    </Box>
  );
}
