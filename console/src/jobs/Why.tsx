import { Box, Button, Link as MuiLink, Stack, Typography } from '@mui/material';
import { useCreatePath } from 'react-admin';
import { Link } from 'react-router-dom';

import { useTenant } from '../auth/IdentityContext';
import { durationText, sizeText } from '../shared/formats';
import { EXECUTOR_NAMES, pathOfFile, routeOf, type Job } from './job';

/** Why this route has taken the file, and why the routes before it have not. */
export function WhyRoute({ job }: { job: Job }) {
  const createPath = useCreatePath();
  const tenant = useTenant();
  const route = routeOf(job);
  const query = new URLSearchParams({ user: job.user, path: pathOfFile(job), size: String(job.object.size) });
  return (
    <Stack spacing={1} sx={{ alignItems: 'flex-start' }}>
      <Typography variant="body2">
        {route ? (
          <>
            <MuiLink
              component={Link}
              underline="always"
              to={createPath({ resource: 'routes', type: 'edit', id: route })}
            >
              {route}
            </MuiLink>
            , revision {job.revision}, is the first route that takes <code>{pathOfFile(job)}</code> of{' '}
            {job.user}.
          </>
        ) : (
          <>
            No route takes <code>{pathOfFile(job)}</code> of {job.user}.
          </>
        )}
      </Typography>
      {job.reasons.length > 0 && (
        <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: 14 }}>
          {job.reasons.map(({ route: other, reason }) => (
            <li key={other}>
              <strong>{other}</strong>: {reason}
            </li>
          ))}
        </Box>
      )}
      <Button component={Link} to={`/t/${tenant}/explain?${query.toString()}`} size="small">
        Explain by today’s routes
      </Button>
    </Stack>
  );
}

/** Why Step Functions or the worker runs the job. */
export function WhyExecutor({ job }: { job: Job }) {
  const facts = job.executor_facts;
  const rates = Object.entries(facts?.rates ?? {});
  const seconds = Object.entries(facts?.seconds ?? {});
  return (
    <Stack spacing={1}>
      <Typography variant="body2">
        {EXECUTOR_NAMES[job.executor]}: {job.executor_reason}.
      </Typography>
      {facts && (
        <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: 14 }}>
          <li>
            A function is trusted with {durationText(facts.limits.seconds * 1000)} of a step,{' '}
            {sizeText(facts.limits.bytes)} of a file and {sizeText(facts.limits.scratch_bytes)} of temporary
            files.
          </li>
          {seconds.map(([step, estimate]) => (
            <li key={step}>
              {step}: about {durationText(estimate * 1000)}
              {step === facts.longest_step ? ', the longest step' : ''}
            </li>
          ))}
          {rates.map(([destination, rate]) => (
            <li key={destination}>
              {destination}: {sizeText(rate.bytes_per_second)}/s, {rate.source}
              {rate.samples > 0 ? ` from ${String(rate.samples)} deliveries` : ''}
            </li>
          ))}
          {!facts.worker_deployed && <li>No worker is deployed.</li>}
        </Box>
      )}
    </Stack>
  );
}
