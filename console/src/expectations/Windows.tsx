import { Box, Link, Tooltip, Typography } from '@mui/material';
import { useRecordContext } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';

import type { Schema } from '../api/types';
import { useTenant } from '../auth/IdentityContext';
import { FormSection } from '../records/FormSection';
import { Problem } from '../shared/Problem';
import { StatusChip, type Tone } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { useLive } from '../shared/useLive';

type Window = Schema<'Window'>;

const LOOKS: Record<Window['status'], { label: string; tone: Tone; colour: string }> = {
  MET: { label: 'Met', tone: 'good', colour: 'success.main' },
  LATE: { label: 'Late', tone: 'warning', colour: 'warning.main' },
  MISSING: { label: 'Missing', tone: 'bad', colour: 'error.main' },
  PENDING: { label: 'Pending', tone: 'info', colour: 'info.main' },
};

/** What became of an expectation's windows, the newest at the end of the line and at the head of the list. */
export function Windows() {
  const record = useRecordContext<Schema<'ExpectationAnswer'>>();
  const { data, error } = useLive<{ items: Window[] }>(
    'listWindows',
    { path: { expectation: String(record?.id) }, query: { limit: 60 } },
    { every: 30_000 },
  );
  const windows = [...(data?.items ?? [])].sort((a, b) => (a.deadline < b.deadline ? 1 : -1));
  return (
    <FormSection title="Windows">
      <Typography sx={{ mb: 1 }}>
        Next deadline: <Time at={record?.next_deadline} />
      </Typography>
      {error && <Problem error={error} title="The windows cannot be shown" />}
      {data && windows.length === 0 && (
        <Typography color="text.secondary">No window has begun yet.</Typography>
      )}
      <Box role="list" aria-label="Windows" sx={{ display: 'flex', gap: 0.5, flexWrap: 'wrap', mb: 1 }}>
        {[...windows].reverse().map((window) => (
          <Tooltip
            key={window.deadline}
            title={`${LOOKS[window.status].label}: ${new Date(window.deadline).toLocaleString()}`}
          >
            <Box
              role="listitem"
              aria-label={`${LOOKS[window.status].label}, due ${window.deadline}`}
              sx={{ width: 14, height: 28, borderRadius: 0.5, bgcolor: LOOKS[window.status].colour }}
            />
          </Tooltip>
        ))}
      </Box>
      {windows.slice(0, 10).map((window) => (
        <WindowRow key={window.deadline} window={window} />
      ))}
    </FormSection>
  );
}

function WindowRow({ window }: { window: Window }) {
  const tenant = useTenant();
  const { label, tone } = LOOKS[window.status];
  return (
    <Box
      sx={{
        display: 'flex',
        gap: 2,
        flexWrap: 'wrap',
        alignItems: 'center',
        py: 0.5,
        borderTop: 1,
        borderColor: 'divider',
      }}
    >
      <Time at={window.deadline} />
      <StatusChip label={label} tone={tone} />
      <Typography variant="body2">
        {window.count} of {window.min_count}
      </Typography>
      {[...(window.jobs ?? []), ...(window.duplicates ?? [])].slice(0, 5).map((job) => (
        <Link key={job} component={RouterLink} to={`/t/${tenant}/jobs/${job}/show`} variant="body2">
          {job.slice(0, 9)}…{window.duplicates?.includes(job) && ' (duplicate)'}
        </Link>
      ))}
    </Box>
  );
}
