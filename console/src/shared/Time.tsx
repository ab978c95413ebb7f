import { Box } from '@mui/material';

interface Props {
  /** ISO 8601. */
  at: string | null | undefined;
  /** With seconds and milliseconds, where the order of events matters. */
  exact?: boolean;
}

const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const EXACT = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** A time in the viewer's zone; UTC on hover. */
export function Time({ at, exact = false }: Props) {
  if (!at) return <span aria-label="not yet">–</span>;
  const moment = new Date(at);
  const utc = moment
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, exact ? '$&' : '')
    .replace('Z', '');
  return (
    <Box
      component="time"
      dateTime={at}
      title={`${utc} UTC`}
      sx={{ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}
    >
      {(exact ? EXACT : SHORT).format(moment)}
    </Box>
  );
}
