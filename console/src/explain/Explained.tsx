import { Alert, Box, Chip, Link, List, ListItem, Typography, type AlertColor } from '@mui/material';
import { Link as RouterLink } from 'react-router-dom';

import type { Schema } from '../api/types';
import { useTenant } from '../auth/IdentityContext';
import { StatusChip } from '../shared/StatusChip';
import { Executor } from './Executor';

type Answer = Schema<'ExplainAnswer'>;

const OUTCOMES: Record<Answer['outcome'], { text: string; severity: AlertColor }> = {
  job: { text: 'Becomes a job', severity: 'success' },
  ignored: { text: 'Is ignored', severity: 'info' },
  control_file: { text: 'Is a control file', severity: 'info' },
  quarantined: { text: 'Is quarantined', severity: 'warning' },
  failed: { text: 'Fails', severity: 'error' },
};

interface Props {
  answer: Answer;
  compact: boolean;
  highlight?: string;
}

/** The answer to "what becomes of this file": the outcome, every route in order, who carries it, and what else decides. */
export function Explained({ answer, compact, highlight }: Props) {
  const tenant = useTenant();
  const { text, severity } = OUTCOMES[answer.outcome];
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }}>
      <Alert severity={severity}>
        <strong>{text}</strong>: {answer.why}
        {answer.route && <> It goes to {answer.route.destinations.join(', ')}.</>}
      </Alert>
      {answer.existing_job && (
        <Typography variant="body2">
          This very file has become the job{' '}
          <Link
            underline="always"
            component={RouterLink}
            to={`/t/${tenant}/jobs/${answer.existing_job.job_id}/show`}
          >
            {answer.existing_job.job_id}
          </Link>
          .
        </Typography>
      )}
      <Considered routes={answer.routes} compact={compact} highlight={highlight} />
      {answer.executor && <Executor answer={answer.executor} compact={compact} />}
      {answer.notes.length > 0 && (
        <Box>
          <Typography variant="subtitle2" component="h3">
            What else decides
          </Typography>
          <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
            {answer.notes.map((note) => (
              <Typography component="li" variant="body2" key={note.topic + note.text}>
                {note.text}
              </Typography>
            ))}
          </Box>
        </Box>
      )}
    </Box>
  );
}

function Considered({
  routes,
  compact,
  highlight,
}: {
  routes: Answer['routes'];
  compact: boolean;
  highlight?: string;
}) {
  const tenant = useTenant();
  if (routes.length === 0) return null;
  return (
    <Box>
      <Typography variant="subtitle2" component="h3">
        Routes, in the order in which they are tried
      </Typography>
      <List dense disablePadding component="ol">
        {routes.map((considered) => (
          <ListItem
            key={considered.route}
            disableGutters
            sx={{
              display: 'block',
              py: 0.75,
              px: 1,
              borderBottom: 1,
              borderColor: 'divider',
              bgcolor: considered.route === highlight ? 'action.selected' : undefined,
            }}
          >
            <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
              <Link
                underline="always"
                component={RouterLink}
                to={`/t/${tenant}/routes/${considered.route}`}
                sx={{ fontWeight: 600 }}
              >
                {considered.route}
              </Link>
              {!compact && <Chip size="small" label={`priority ${String(considered.priority)}`} />}
              {!compact && <Chip size="small" label={`revision ${String(considered.revision)}`} />}
              <Verdict considered={considered} />
            </Box>
            {considered.reason && (
              <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
                {considered.reason}
              </Typography>
            )}
          </ListItem>
        ))}
      </List>
    </Box>
  );
}

function Verdict({ considered }: { considered: Schema<'ConsideredAnswer'> }) {
  if (considered.taken) return <StatusChip label="Takes it" tone="good" />;
  if (considered.matched) return <StatusChip label="Matches, but comes later" tone="info" />;
  return <StatusChip label="Does not match" tone="neutral" />;
}
