import { Table, TableBody, TableCell, TableContainer, TableHead, TableRow, Typography } from '@mui/material';
import { useRecordContext } from 'react-admin';

import type { Schema } from '../api/types';
import { FormSection } from '../records/FormSection';
import { durationText } from '../shared/formats';
import { Problem } from '../shared/Problem';
import { StatusChip, type Tone } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { useLive } from '../shared/useLive';

type Attempt = Schema<'Attempt'>;

const OUTCOMES: Record<Attempt['outcome'], { label: string; tone: Tone }> = {
  DELIVERED: { label: 'Delivered', tone: 'good' },
  RETRY: { label: 'Tried again', tone: 'warning' },
  GIVEN_UP: { label: 'Given up', tone: 'bad' },
};

/** The last tries to deliver events, live. */
export function Attempts() {
  const record = useRecordContext<Schema<'SubscriptionAnswer'>>();
  const isHttps = record?.target.kind === 'https';
  const { data, error } = useLive<{ items: Attempt[] }>(
    'listAttempts',
    { path: { subscription: String(record?.id) }, query: { limit: 50 } },
    { enabled: isHttps },
  );
  if (!isHttps) return null;
  return (
    <FormSection title="Delivery log" about="The last tries to deliver events, the newest first.">
      {error && <Problem error={error} title="The log cannot be shown" />}
      {data?.items.length === 0 && (
        <Typography color="text.secondary">
          Nothing was sent yet. Send a test to see whether it arrives.
        </Typography>
      )}
      {data && data.items.length > 0 && (
        <TableContainer>
          <Table size="small" aria-label="Delivery log">
            <TableHead>
              <TableRow>
                <TableCell>At</TableCell>
                <TableCell>Event</TableCell>
                <TableCell align="right">Try</TableCell>
                <TableCell>Outcome</TableCell>
                <TableCell>Answer</TableCell>
                <TableCell align="right">Took</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {data.items.map((attempt) => (
                <TableRow key={`${attempt.event_id} ${String(attempt.attempt)} ${attempt.at}`} hover>
                  <TableCell>
                    <Time at={attempt.at} />
                  </TableCell>
                  <TableCell title={attempt.event_id}>
                    {attempt.event_type.replace(/^fileferry\./, '')}
                  </TableCell>
                  <TableCell align="right">{attempt.attempt}</TableCell>
                  <TableCell>
                    <StatusChip {...OUTCOMES[attempt.outcome]} />
                  </TableCell>
                  <TableCell>{[attempt.status, attempt.error].filter(Boolean).join(' ')}</TableCell>
                  <TableCell align="right">{durationText(attempt.milliseconds ?? 0)}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableContainer>
      )}
    </FormSection>
  );
}
