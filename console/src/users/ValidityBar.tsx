import { Box, LinearProgress, Typography } from '@mui/material';

import { Time } from '../shared/Time';
import { validityOf } from './keys';

const COLOURS = { good: 'success', warning: 'warning', bad: 'error', neutral: 'info' } as const;

/** How much of a key's time is over. */
export function ValidityBar({
  begin,
  end,
  label,
}: {
  begin?: string | null;
  end?: string | null;
  label: string;
}) {
  const { text, tone, passed } = validityOf(begin, end);
  return (
    <Box sx={{ minWidth: 160 }}>
      <Typography
        variant="body2"
        color={tone === 'bad' || tone === 'warning' ? `${COLOURS[tone]}.main` : undefined}
      >
        {text}
      </Typography>
      {passed !== undefined && (
        <LinearProgress
          variant="determinate"
          value={passed * 100}
          color={COLOURS[tone]}
          aria-label={`Time of ${label} that is over`}
          sx={{ height: 6, borderRadius: 3, my: 0.5 }}
        />
      )}
      {end && (
        <Typography variant="caption" color="text.secondary">
          until <Time at={end} />
        </Typography>
      )}
    </Box>
  );
}
