import Check from '@mui/icons-material/CheckCircle';
import Failed from '@mui/icons-material/Error';
import Skipped from '@mui/icons-material/RemoveCircleOutline';
import {
  Alert,
  Box,
  Button,
  LinearProgress,
  List,
  ListItem,
  ListItemIcon,
  ListItemText,
  Typography,
} from '@mui/material';
import { useMutation } from '@tanstack/react-query';
import { useRecordContext } from 'react-admin';

import { useClient } from '../api/useClient';
import type { Schema } from '../api/types';
import { useMay } from '../auth/IdentityContext';
import { FormSection } from '../records/FormSection';
import { labelOf } from '../schema/Field';
import { durationText } from '../shared/formats';
import { Problem } from '../shared/Problem';

type Trial = Schema<'TrialAnswer'>;
type Step = Trial['steps'][number];

/** Tries the destination out, step by step, as it is saved. */
export function ConnectionTest() {
  const record = useRecordContext();
  const client = useClient();
  const may = useMay();
  const trial = useMutation({
    mutationFn: async () =>
      (
        await client.call<Trial>('testDestination', {
          path: { destination: String(record?.id) },
          idempotencyKey: crypto.randomUUID(),
        })
      ).data,
  });
  if (!may('testDestination')) return null;
  return (
    <FormSection
      title="Connection test"
      about="Logs in as a job would, with what is saved, and writes and removes a small file where the kind allows it."
      action={
        <Button
          variant="outlined"
          disabled={trial.isPending}
          onClick={() => {
            trial.mutate();
          }}
        >
          {trial.data ? 'Test again' : 'Test the connection'}
        </Button>
      }
    >
      <Box aria-live="polite">
        {trial.isPending && <LinearProgress aria-label="Testing" />}
        {trial.error && <Problem error={trial.error} />}
        {trial.data && !trial.isPending && <Outcome trial={trial.data} />}
      </Box>
    </FormSection>
  );
}

function Outcome({ trial }: { trial: Trial }) {
  return (
    <>
      <Alert severity={trial.ok ? 'success' : 'error'}>
        {trial.ok ? 'Every step went well.' : 'A step failed; see what to do about it.'}
      </Alert>
      <List dense component="ol">
        {trial.steps.map((step) => (
          <TrialStep key={step.step} step={step} />
        ))}
      </List>
      {trial.host_key && (
        <Box>
          <Typography variant="subtitle2" component="h3">
            Host key of the server{' '}
            {trial.host_key.pinned
              ? '(among those of this destination)'
              : '(not among those of this destination)'}
          </Typography>
          <Typography variant="body2">{trial.host_key.fingerprint}</Typography>
          <Typography component="code" sx={{ fontSize: 12.5, overflowWrap: 'anywhere' }}>
            {trial.host_key.key}
          </Typography>
        </Box>
      )}
    </>
  );
}

const ICONS = {
  ok: <Check color="success" titleAccess="went well" />,
  failed: <Failed color="error" titleAccess="failed" />,
  skipped: <Skipped color="disabled" titleAccess="skipped" />,
};

function TrialStep({ step }: { step: Step }) {
  const duration = step.status === 'skipped' ? '' : durationText(step.seconds * 1000);
  return (
    <ListItem alignItems="flex-start" disableGutters>
      <ListItemIcon sx={{ minWidth: 36 }}>{ICONS[step.status]}</ListItemIcon>
      <ListItemText
        primary={
          <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 2 }}>
            <span>{labelOf(step.step)}</span>
            <Box component="span" sx={{ color: 'text.secondary', fontVariantNumeric: 'tabular-nums' }}>
              {duration}
            </Box>
          </Box>
        }
        secondary={
          <>
            {step.detail}
            {step.todo && (
              <Box component="span" sx={{ display: 'block', color: 'text.primary', fontWeight: 600 }}>
                {step.todo}
              </Box>
            )}
          </>
        }
        slotProps={{ secondary: { component: 'div', sx: { overflowWrap: 'anywhere' } } }}
      />
    </ListItem>
  );
}
