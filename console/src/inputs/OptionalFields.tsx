import { Box, FormControlLabel, FormHelperText, Switch } from '@mui/material';
import type { ReactNode } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';

import { defaultsOf, fieldSchema } from '../schema/jsonSchema';
import { useFormSchema } from '../schema/SchemaContext';

interface Props {
  source: string;
  label: string;
  help?: string;
  children: ReactNode;
}

/** A group of fields that a record has or has not; switching it on fills in their defaults. */
export function OptionalFields({ source, label, help, children }: Props) {
  const { schema, readOnly } = useFormSchema();
  const { setValue, getValues } = useFormContext();
  const value: unknown = useWatch({ name: source });
  const given = value !== null && value !== undefined;
  const put = (on: boolean) => {
    const found = fieldSchema(schema, source, getValues());
    const filled = on && found ? defaultsOf({ ...found.schema, default: undefined }, schema) : null;
    setValue(source, filled, { shouldDirty: true });
  };
  return (
    <Box>
      <FormControlLabel
        label={label}
        control={
          <Switch
            checked={given}
            disabled={readOnly}
            onChange={(_, on) => {
              put(on);
            }}
          />
        }
      />
      {help && <FormHelperText sx={{ mt: -0.5 }}>{help}</FormHelperText>}
      {given && (
        <Box sx={{ pl: { xs: 1, sm: 2 }, ml: 0.5, borderLeft: 2, borderColor: 'divider' }}>{children}</Box>
      )}
    </Box>
  );
}
