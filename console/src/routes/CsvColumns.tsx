import Add from '@mui/icons-material/Add';
import { Button, FormHelperText, FormLabel, Box, Collapse } from '@mui/material';
import { useState } from 'react';
import { useFieldArray, useFormState, useWatch } from 'react-hook-form';

import { Columns } from '../records/Columns';
import { listedErrors } from '../schema/fieldErrors';
import { Field } from '../schema/Field';
import { useFormSchema } from '../schema/SchemaContext';
import { ItemButtons } from './ItemButtons';

const SOURCE = 'validation.csv.columns';
const NEW = {
  name: '',
  type: 'string',
  nullable: true,
  unique: false,
  format: null,
  pattern: null,
  allowed: null,
  min: null,
  max: null,
};

/** The columns of a CSV contract, one a row. */
export function CsvColumns() {
  const { readOnly } = useFormSchema();
  const { fields, append, remove, move } = useFieldArray({ name: SOURCE });
  const wrong = listedErrors(useFormState().errors).find((error) => error.source === SOURCE);
  return (
    <Box component="fieldset" sx={{ border: 0, p: 0, m: 0, my: 1 }}>
      <FormLabel component="legend">Columns</FormLabel>
      {fields.map((field, index) => (
        <Column
          key={field.id}
          index={index}
          buttons={
            <ItemButtons
              name={`column ${String(index + 1)}`}
              index={index}
              count={fields.length}
              move={move}
              remove={remove}
            />
          }
        />
      ))}
      {wrong && <FormHelperText error>{wrong.text}</FormHelperText>}
      {!readOnly && (
        <Button
          size="small"
          startIcon={<Add />}
          onClick={() => {
            append(NEW);
          }}
        >
          Add column
        </Button>
      )}
    </Box>
  );
}

function Column({ index, buttons }: { index: number; buttons: React.ReactNode }) {
  const source = `${SOURCE}.${String(index)}`;
  const column = useWatch({ name: source }) as Record<string, unknown> | undefined;
  const [more, setMore] = useState(false);
  const limits = limitsText(column ?? {});
  return (
    <Box sx={{ borderBottom: 1, borderColor: 'divider', py: 0.5 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 1.5, alignItems: 'center' }}>
        <Box sx={{ flex: '2 1 150px', minWidth: 0 }}>
          <Field source={`${source}.name`} dense />
        </Box>
        <Box sx={{ flex: '1 1 120px', minWidth: 0 }}>
          <Field source={`${source}.type`} dense />
        </Box>
        <Box sx={{ whiteSpace: 'nowrap' }}>
          <Field source={`${source}.nullable`} label="May be empty" dense />
        </Box>
        <Box>
          <Field source={`${source}.unique`} dense />
        </Box>
        <Button
          size="small"
          aria-expanded={more}
          onClick={() => {
            setMore(!more);
          }}
        >
          {more ? 'Less' : 'More'}
        </Button>
        <Box sx={{ whiteSpace: 'nowrap' }}>{buttons}</Box>
      </Box>
      {!more && limits && (
        <FormHelperText>
          <code>{limits}</code>
        </FormHelperText>
      )}
      <Collapse in={more} unmountOnExit>
        <Columns min={180}>
          <Field source={`${source}.min`} label="Least value" />
          <Field source={`${source}.max`} label="Greatest value" />
          <Field source={`${source}.format`} placeholder="%Y-%m-%d" />
          <Field source={`${source}.pattern`} />
          <Field source={`${source}.allowed`} label="Allowed values" />
        </Columns>
      </Collapse>
    </Box>
  );
}

function limitsText(column: Record<string, unknown>): string {
  return ['min', 'max', 'format', 'pattern', 'allowed']
    .filter((name) => column[name] !== null && column[name] !== undefined)
    .map((name) => `${name} ${String(column[name])}`)
    .join(' · ');
}
