import Add from '@mui/icons-material/Add';
import Rotate from '@mui/icons-material/Autorenew';
import Remove from '@mui/icons-material/DeleteOutline';
import { Box, Button, FormHelperText, IconButton, Tooltip, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useFieldArray, useFormState, useWatch } from 'react-hook-form';

import { FormSection } from '../records/FormSection';
import { listedErrors } from '../schema/fieldErrors';
import { useFormSchema } from '../schema/SchemaContext';
import { StatusChip } from '../shared/StatusChip';
import { AddKeyDialog, type NewPublicKey } from './AddKeyDialog';
import { fingerprintOf, validityOf } from './keys';
import { ValidityBar } from './ValidityBar';

const SOURCE = 'public_keys';

/** The keys that a user logs in with. They change with the form: nothing is in use before it is saved. */
export function UserKeys() {
  const { readOnly } = useFormSchema();
  const { append, update, remove } = useFieldArray({ name: SOURCE });
  const keys = (useWatch({ name: SOURCE }) ?? []) as NewPublicKey[];
  const errors = listedErrors(useFormState().errors).filter(({ source }) => source.startsWith(SOURCE));
  const [adding, setAdding] = useState<{ rotates?: number }>();
  const add = (key: NewPublicKey, oldEnds?: string) => {
    const old = adding?.rotates === undefined ? undefined : keys[adding.rotates];
    if (old && adding?.rotates !== undefined && oldEnds)
      update(adding.rotates, { ...old, expires_at: oldEnds });
    append(key);
    setAdding(undefined);
  };
  return (
    <FormSection
      title="Keys"
      about="To rotate a key, add the new one beside the old one; the old one ends when the partner has changed."
      action={
        !readOnly && (
          <Button
            startIcon={<Add />}
            onClick={() => {
              setAdding({});
            }}
          >
            Add key
          </Button>
        )
      }
    >
      {keys.length === 0 && (
        <Typography color="text.secondary">No key yet: this user cannot log in by key.</Typography>
      )}
      {keys.map((key, index) => (
        <KeyRow
          key={key.key}
          value={key}
          onRotate={
            readOnly
              ? undefined
              : () => {
                  setAdding({ rotates: index });
                }
          }
          onRemove={() => {
            remove(index);
          }}
        />
      ))}
      {errors.map(({ source, text }) => (
        <FormHelperText error key={source}>
          {text}
        </FormHelperText>
      ))}
      {adding && (
        <AddKeyDialog
          old={adding.rotates === undefined ? undefined : keys[adding.rotates]}
          add={add}
          close={() => {
            setAdding(undefined);
          }}
        />
      )}
    </FormSection>
  );
}

interface RowProps {
  value: NewPublicKey;
  onRotate?: () => void;
  onRemove: () => void;
}

function KeyRow({ value, onRotate, onRemove }: RowProps) {
  const { data } = useQuery({
    queryKey: ['fingerprint', value.key],
    queryFn: () => fingerprintOf(value.key).catch(() => 'unreadable'),
    staleTime: Infinity,
  });
  const type = value.key.split(/\s+/)[0] ?? '';
  const name = value.label || data || type;
  const { tone } = validityOf(value.not_before, value.expires_at);
  return (
    <Box
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        gap: 2,
        py: 1,
        borderBottom: 1,
        borderColor: 'divider',
        alignItems: 'center',
      }}
    >
      <Box sx={{ flex: '1 1 280px', minWidth: 0 }}>
        <Typography sx={{ fontWeight: 600 }}>
          {value.label || 'Without a label'}{' '}
          {tone === 'warning' && <StatusChip label="Ends soon" tone="warning" />}
          {tone === 'bad' && <StatusChip label="Expired" tone="bad" />}
        </Typography>
        <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
          {type} {data}
        </Typography>
      </Box>
      <ValidityBar begin={value.not_before} end={value.expires_at} label={name} />
      {onRotate && (
        <Box>
          <Tooltip title="Rotate: add a new key beside it">
            <IconButton aria-label={`Rotate ${name}`} onClick={onRotate}>
              <Rotate />
            </IconButton>
          </Tooltip>
          <Tooltip title="Remove">
            <IconButton aria-label={`Remove ${name}`} onClick={onRemove}>
              <Remove />
            </IconButton>
          </Tooltip>
        </Box>
      )}
    </Box>
  );
}
