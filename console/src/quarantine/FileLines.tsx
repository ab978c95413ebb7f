import { Alert, Box, Button, Stack, Typography } from '@mui/material';
import { useMutation } from '@tanstack/react-query';

import { useClient } from '../api/useClient';
import type { components } from '../api/schema';
import { useMay } from '../auth/IdentityContext';
import type { Job } from '../jobs/job';
import { sizeText } from '../shared/formats';
import { Problem } from '../shared/Problem';
import { excerptsOf, type FileLine, type Violation } from './violations';

const MOST_BYTES = 4_000_000;

/** The kept file's lines with what is wrong in them; it is read when the viewer asks for it, since that is audited. */
export function FileLines({ job, violations }: { job: Job; violations: readonly Violation[] }) {
  const may = useMay();
  const read = useText(job);
  if (!violations.some(({ line }) => line !== undefined)) return null;
  if (!may('downloadFile')) {
    return <Typography variant="body2">Operators can see the file’s lines here.</Typography>;
  }
  if (read.data === undefined) {
    return (
      <Stack spacing={1} sx={{ alignItems: 'flex-start' }}>
        <Button
          variant="outlined"
          size="small"
          loading={read.isPending}
          onClick={() => {
            read.mutate();
          }}
        >
          Show the file’s lines
        </Button>
        <Typography variant="caption" color="text.secondary">
          The file is read from quarantine; that stands in the audit log.
        </Typography>
        {read.error && <Problem error={read.error} title="The file’s lines cannot be shown" />}
      </Stack>
    );
  }
  const excerpts = excerptsOf(read.data, violations);
  return (
    <Stack spacing={1}>
      {excerpts.length === 0 && (
        <Alert severity="info">The lines lie beyond what is shown of the file.</Alert>
      )}
      {excerpts.map((lines) => (
        <Excerpt key={lines[0]?.number} lines={lines} />
      ))}
      {job.object.size > MOST_BYTES && (
        <Typography variant="caption">Of the file’s first {sizeText(MOST_BYTES)}.</Typography>
      )}
    </Stack>
  );
}

function useText(job: Job) {
  const client = useClient();
  return useMutation({
    mutationFn: async () => {
      const request = { path: { job_id: job.job_id }, body: { what: 'quarantined' } };
      const { data } = await client.call<components['schemas']['DownloadLink']>('downloadFile', request);
      const range = data.size > MOST_BYTES ? { range: `bytes=0-${String(MOST_BYTES - 1)}` } : undefined;
      const answer = await fetch(data.url, { headers: range }).catch(() => {
        throw new Error('The bucket does not let this page read the file. Download it instead.');
      });
      if (!answer.ok)
        throw new Error(`The bucket answered ${String(answer.status)}. Ask for the lines again.`);
      return new TextDecoder().decode(await answer.arrayBuffer());
    },
  });
}

function Excerpt({ lines }: { lines: FileLine[] }) {
  return (
    <Box
      role="region"
      aria-label={`Lines from ${String(lines[0]?.number)}`}
      tabIndex={0}
      sx={{
        overflow: 'auto',
        border: 1,
        borderColor: 'divider',
        borderRadius: 1,
        fontFamily: 'ui-monospace, Menlo, Consolas, monospace',
        fontSize: 13,
        lineHeight: 1.6,
      }}
    >
      {lines.map((line) => (
        <Line key={line.number} line={line} />
      ))}
    </Box>
  );
}

function Line({ line }: { line: FileLine }) {
  const bad = line.violations.length > 0;
  return (
    <Box sx={{ width: 'max-content', minWidth: '100%', ...(bad && { bgcolor: 'action.selected' }) }}>
      <Box sx={{ display: 'flex', whiteSpace: 'pre' }}>
        <Box
          component="span"
          sx={{
            width: 56,
            px: 1,
            flexShrink: 0,
            textAlign: 'right',
            color: bad ? 'error.main' : 'text.secondary',
          }}
        >
          {line.number}
        </Box>
        <span>
          {line.parts.map((part, index) =>
            part.marked ? (
              <Box
                component="mark"
                key={index}
                sx={{ bgcolor: 'error.main', color: 'error.contrastText', borderRadius: 0.5, px: 0.25 }}
              >
                {part.text}
              </Box>
            ) : (
              part.text
            ),
          )}
        </span>
      </Box>
      {line.violations.map((violation) => (
        <Box
          key={`${violation.rule} ${String(violation.column)}`}
          sx={{ pl: '64px', pr: 1, color: 'error.main', fontFamily: 'system-ui, sans-serif' }}
        >
          {violation.field ? `${violation.field}: ` : ''}
          {violation.message}
        </Box>
      ))}
    </Box>
  );
}
