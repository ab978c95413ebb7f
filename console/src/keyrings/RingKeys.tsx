import Add from '@mui/icons-material/Add';
import { Box, Button, Chip, Typography } from '@mui/material';
import { useState } from 'react';
import { useRecordContext } from 'react-admin';

import type { Schema } from '../api/types';
import { useMay } from '../auth/IdentityContext';
import { CopyText } from '../records/CopyText';
import { FormSection } from '../records/FormSection';
import { Empty } from '../shared/Empty';
import { StatusChip, type Tone } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { ValidityBar } from '../users/ValidityBar';
import { AddRingKey } from './AddRingKey';
import { RetireDialog } from './RetireDialog';

type Key = Schema<'KeyAnswer'>;

/** A ring's keys: whose they are, what they are used for, and how long still. */
export function RingKeys() {
  const ring = useRecordContext<Schema<'KeyRingAnswer'>>();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  return (
    <FormSection
      title="Keys"
      about="Jobs use the keys that the ring has when they run."
      action={
        may('addKey') && (
          <Button
            variant="outlined"
            startIcon={<Add />}
            onClick={() => {
              setAdding(true);
            }}
          >
            Add key
          </Button>
        )
      }
    >
      {ring?.keys.length === 0 && (
        <Empty title="No keys yet">
          Generate a key of your own and send its certificate to the partner, or import the partner’s
          certificate.
        </Empty>
      )}
      {ring?.keys.map((key) => (
        <KeyRow key={key.fingerprint} value={key} />
      ))}
      {adding && (
        <AddRingKey
          close={() => {
            setAdding(false);
          }}
        />
      )}
    </FormSection>
  );
}

const STATES: Record<Key['state'], { label: string; tone: Tone }> = {
  pending: { label: 'Pending', tone: 'info' },
  valid: { label: 'Valid', tone: 'good' },
  expired: { label: 'Expired', tone: 'bad' },
  retired: { label: 'Retired', tone: 'neutral' },
};

function KeyRow({ value: key }: { value: Key }) {
  const may = useMay();
  const [shown, setShown] = useState(false);
  const [retiring, setRetiring] = useState(false);
  const name = key.label || key.user_ids[0] || key.fingerprint;
  return (
    <Box sx={{ py: 1.5, borderBottom: 1, borderColor: 'divider' }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, alignItems: 'center' }}>
        <Box sx={{ flex: '1 1 280px', minWidth: 0 }}>
          <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
            <Typography sx={{ fontWeight: 600 }}>{name}</Typography>
            <Chip size="small" label={key.owner === 'own' ? 'Own' : 'Partner’s'} />
            <StatusChip {...STATES[key.state]} />
          </Box>
          <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
            {key.user_ids.join(', ')}
            <br />
            <code>{key.fingerprint}</code>
          </Typography>
          <Typography variant="body2">
            Can {key.uses.join(', ')}
            {key.primary_for.length > 0 && <>; the one to {key.primary_for.join(' and ')} with now</>}
            {key.retired_at && (
              <>
                ; retired <Time at={key.retired_at} />
              </>
            )}
          </Typography>
        </Box>
        <ValidityBar begin={key.not_before} end={key.expires_at} label={name} />
        <Box>
          <Button
            size="small"
            aria-expanded={shown}
            onClick={() => {
              setShown(!shown);
            }}
          >
            Certificate
          </Button>
          {may('retireKey') && key.state !== 'retired' && (
            <Button
              size="small"
              color="warning"
              onClick={() => {
                setRetiring(true);
              }}
            >
              Retire
            </Button>
          )}
        </Box>
      </Box>
      {shown && <CopyText text={key.certificate} label={`Certificate of ${name}`} />}
      {retiring && (
        <RetireDialog
          value={key}
          close={() => {
            setRetiring(false);
          }}
        />
      )}
    </Box>
  );
}
