import Download from '@mui/icons-material/Download';
import { Button, Stack, Typography } from '@mui/material';
import { useMutation } from '@tanstack/react-query';

import type { ApiError } from '../api/client';
import { useClient } from '../api/useClient';
import type { components } from '../api/schema';
import { useMay } from '../auth/IdentityContext';
import { Problem } from '../shared/Problem';
import { keptOf } from './kept';
import type { JobWithRuns, Kept, Run } from './job';

type Link = components['schemas']['DownloadLink'];

const NAMES: Record<Kept, string> = {
  quarantined: 'The file in quarantine',
  duplicate: 'The duplicate',
  'archived-original': 'The original from the archive',
  'archived-delivered': 'The delivered file from the archive',
};

/** Links to what is kept of a run's file; each is good for five minutes, and stands in the audit log. */
export function Downloads({ job, run }: { job: JobWithRuns; run: Run }) {
  const client = useClient();
  const may = useMay();
  const download = useMutation<Link, ApiError, Kept>({
    mutationFn: async (what) => {
      const request = { path: { job_id: job.job_id }, body: { what, run: run.run } };
      return (await client.call<Link>('downloadFile', request)).data;
    },
    onSuccess: ({ url }) => {
      window.location.assign(url);
    },
  });
  const kept = keptOf(run);
  if (kept.length === 0) {
    return (
      <Typography variant="body2" color="text.secondary">
        Nothing is kept of this run’s file (yet).
      </Typography>
    );
  }
  if (!may('downloadFile')) {
    return (
      <Typography variant="body2" color="text.secondary">
        Kept: {kept.map((what) => NAMES[what].toLowerCase()).join(', ')}. Operators can download it.
      </Typography>
    );
  }
  return (
    <Stack spacing={1} sx={{ alignItems: 'flex-start' }}>
      {kept.map((what) => (
        <Button
          key={what}
          size="small"
          startIcon={<Download />}
          loading={download.isPending && download.variables === what}
          onClick={() => {
            download.mutate(what);
          }}
        >
          {NAMES[what]}
        </Button>
      ))}
      <Typography variant="caption" color="text.secondary">
        Each download stands in the audit log.
      </Typography>
      {download.error && <Problem error={download.error} title="It cannot be downloaded" />}
    </Stack>
  );
}
