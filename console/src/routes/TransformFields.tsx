import Add from '@mui/icons-material/Add';
import { Box, Button, ListItemText, Menu, MenuItem, Typography } from '@mui/material';
import { useState } from 'react';
import { useFieldArray, useFormContext } from 'react-hook-form';

import { PairsInput } from '../inputs/LinesInput';
import { RecordInput } from '../inputs/RecordsInput';
import { TextsInput } from '../inputs/TextsInput';
import { Columns } from '../records/Columns';
import { FormSection } from '../records/FormSection';
import { Described } from '../schema/Described';
import { Field, labelOf } from '../schema/Field';
import { branchesOf, defaultsOfBranch, fieldSchema } from '../schema/jsonSchema';
import { useFormSchema } from '../schema/SchemaContext';
import { ItemButtons } from './ItemButtons';

/** The operations on a file's content, in their order. */
export function TransformFields() {
  const { schema, readOnly } = useFormSchema();
  const { fields, append, remove, move } = useFieldArray({ name: 'transform' });
  return (
    <FormSection title="Transform" about="What is done to the content before it is delivered, in this order.">
      {fields.length === 0 && (
        <Typography variant="body2" color="text.secondary">
          Nothing: the file is delivered as it came.
        </Typography>
      )}
      <Box component="ol" sx={{ listStyle: 'none', p: 0, m: 0 }}>
        {fields.map((field, index) => (
          <Operation key={field.id} index={index} count={fields.length} move={move} remove={remove} />
        ))}
      </Box>
      {!readOnly && (
        <AddOperation
          add={(op) => {
            append(defaultsOfBranch(schema, 'transform', { op }) as Record<string, unknown>);
          }}
        />
      )}
    </FormSection>
  );
}

interface OperationProps {
  index: number;
  count: number;
  move: (from: number, to: number) => void;
  remove: (index: number) => void;
}

function Operation({ index, count, move, remove }: OperationProps) {
  const { schema } = useFormSchema();
  const { getValues } = useFormContext();
  const source = `transform.${String(index)}`;
  const found = fieldSchema(schema, source, getValues())?.schema;
  const op = String(getValues(`${source}.op`));
  const names = Object.keys(found?.properties ?? {}).filter((name) => name !== 'op');
  const long = names.filter((name) => LONG.includes(name));
  return (
    <Box component="li" sx={{ border: 1, borderColor: 'divider', borderRadius: 1, p: 1.5, mb: 1 }}>
      <Box sx={{ display: 'flex', alignItems: 'center' }}>
        <Typography sx={{ flexGrow: 1, fontWeight: 600 }}>
          {index + 1}. {labelOf(op)}
        </Typography>
        <ItemButtons
          name={`operation ${String(index + 1)}`}
          index={index}
          count={count}
          move={move}
          remove={remove}
        />
      </Box>
      <Typography variant="body2" color="text.secondary">
        <Described text={found?.description ?? ''} />
      </Typography>
      <Columns>
        {names
          .filter((name) => !long.includes(name))
          .map((name) => (
            <OperationField key={name} source={`${source}.${name}`} name={name} />
          ))}
      </Columns>
      {long.map((name) => (
        <OperationField key={name} source={`${source}.${name}`} name={name} />
      ))}
    </Box>
  );
}

const FORMATS = { csv: 'CSV', ndjson: 'NDJSON (JSON lines)', json: 'JSON', parquet: 'Parquet' };
const LONG = ['signers', 'recipients', 'columns', 'sql'];

function OperationField({ source, name }: { source: string; name: string }) {
  switch (name) {
    case 'key_ring':
      return (
        <RecordInput
          source={source}
          label="Key ring"
          of="listKeyRings"
          help="Its keys as they are when a job runs."
        />
      );
    case 'signers':
    case 'recipients':
      return (
        <TextsInput
          source={source}
          label={labelOf(name)}
          one="certificate"
          help="ASCII-armoured; not needed with a key ring."
        />
      );
    case 'columns':
      return (
        <PairsInput
          source={source}
          label="Column types"
          help="In place of guessing: column = DuckDB type, one a line."
        />
      );
    case 'source':
    case 'target':
      return <Field source={source} names={FORMATS} />;
    case 'sql':
      return <Field source={source} label="SQL" multiline />;
    case 'to':
      return <Field source={source} label="To" placeholder="{stem}.parquet" />;
    default:
      return <Field source={source} />;
  }
}

function AddOperation({ add }: { add: (op: string) => void }) {
  const { schema } = useFormSchema();
  const [anchor, setAnchor] = useState<HTMLElement>();
  return (
    <>
      <Button
        startIcon={<Add />}
        size="small"
        aria-haspopup="menu"
        onClick={(event) => {
          setAnchor(event.currentTarget);
        }}
      >
        Add operation
      </Button>
      <Menu
        open={anchor !== undefined}
        anchorEl={anchor}
        onClose={() => {
          setAnchor(undefined);
        }}
      >
        {branchesOf(schema, 'transform').map((op) => (
          <MenuItem
            key={op}
            sx={{ maxWidth: 460, whiteSpace: 'normal' }}
            onClick={() => {
              add(op);
              setAnchor(undefined);
            }}
          >
            <ListItemText
              primary={labelOf(op)}
              secondary={fieldSchema(schema, 'transform.0', { transform: [{ op }] })?.schema.description}
            />
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
