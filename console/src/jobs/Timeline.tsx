import { Box, Typography, useMediaQuery, useTheme, type Theme } from '@mui/material';

import { durationText } from '../shared/formats';
import { Time } from '../shared/Time';
import type { Run } from './job';
import { barsOf, type Bar } from './timeline';

/** The steps of a run, one below the other, on one axis of time. */
export function Timeline({ run }: { run: Run }) {
  const { bars, total } = barsOf(run);
  return (
    <Box>
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 0.75 }}>
        {bars.map((bar) => (
          <Row key={bar.name} bar={bar} run={run} />
        ))}
      </Box>
      <Typography variant="body2" color="text.secondary" sx={{ mt: 1.5 }}>
        {run.started_at ? (
          <>
            From <Time at={run.started_at} exact /> to{' '}
            {run.ended_at ? <Time at={run.ended_at} exact /> : 'now'}: {durationText(total)} in all
          </>
        ) : (
          'The run has not begun.'
        )}
      </Typography>
    </Box>
  );
}

function Row({ bar, run }: { bar: Bar; run: Run }) {
  const theme = useTheme();
  const still = useMediaQuery('(prefers-reduced-motion: reduce)');
  const tries = bar.step.attempt > 0 ? ` · try ${String(bar.step.attempt + 1)}` : '';
  return (
    <Box
      component="li"
      sx={{
        display: 'grid',
        gridTemplateColumns: { xs: '6rem minmax(0, 1fr)', sm: '7rem minmax(0, 1fr) 13rem' },
        columnGap: 1.5,
        alignItems: 'center',
      }}
    >
      <Typography variant="body2" sx={{ fontWeight: 600, textTransform: 'capitalize' }}>
        {bar.name}
      </Typography>
      <Box
        sx={{
          position: 'relative',
          height: 18,
          bgcolor: 'action.hover',
          borderRadius: 1,
          overflow: 'hidden',
        }}
      >
        {bar.took !== undefined && (
          <Box
            sx={{
              position: 'absolute',
              inset: '2px auto 2px auto',
              left: `min(${String(bar.from * 100)}%, calc(100% - 4px))`,
              width: `${String(bar.share * 100)}%`,
              minWidth: 4,
              borderRadius: 1,
              bgcolor: colorOf(bar, run, theme),
              ...(bar.running &&
                !still && {
                  animation: 'ferry-glow 1.6s ease-in-out infinite',
                  '@keyframes ferry-glow': { '50%': { opacity: 0.45 } },
                }),
            }}
          />
        )}
      </Box>
      <Typography
        variant="body2"
        color="text.secondary"
        sx={{ gridColumn: { xs: 2, sm: 'auto' }, fontVariantNumeric: 'tabular-nums' }}
      >
        {stateText(bar, run)}
        {bar.took === undefined ? '' : ` · ${durationText(bar.took)}`}
        {tries}
      </Typography>
    </Box>
  );
}

function stateText({ step, running }: Bar, run: Run): string {
  if (step.status === 'PENDING') return run.ended_at ? 'not reached' : 'to come';
  if (step.status === 'WAITING' && running) return 'waiting for the partner';
  if (step.status === 'RUNNING' || step.status === 'WAITING') return running ? 'running' : 'broken off';
  return step.status.toLowerCase();
}

function colorOf({ step, running }: Bar, run: Run, theme: Theme): string {
  if (step.status === 'FAILED')
    return run.status === 'QUARANTINED' ? theme.palette.warning.main : theme.palette.error.main;
  if (step.status === 'RUNNING' || step.status === 'WAITING')
    return running ? theme.palette.info.main : theme.palette.warning.main;
  return theme.palette.success.main;
}
