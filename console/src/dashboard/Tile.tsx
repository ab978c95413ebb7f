import { Card, Typography } from '@mui/material';
import { useId, type ReactNode } from 'react';

interface Props {
  title: string;
  value: ReactNode;
  /** What the value is made of, or what to think of it. */
  detail?: ReactNode;
  tone?: 'good' | 'bad' | 'plain';
  /** Two columns. */
  wide?: boolean;
}

/** One number with its name. */
export function Tile({ title, value, detail, tone = 'plain', wide = false }: Props) {
  const id = useId();
  const color = { good: 'success.main', bad: 'error.main', plain: 'text.primary' }[tone];
  return (
    <Card
      variant="outlined"
      component="section"
      aria-labelledby={id}
      sx={{ p: 2, minWidth: 0, gridColumn: wide ? 'span 2' : undefined }}
    >
      <Typography id={id} component="h2" variant="body2" color="text.secondary">
        {title}
      </Typography>
      <Typography
        component="p"
        sx={{
          color,
          fontSize: 26,
          fontWeight: 600,
          lineHeight: 1.3,
          fontVariantNumeric: 'tabular-nums',
          overflow: 'hidden',
          textOverflow: 'ellipsis',
          whiteSpace: 'nowrap',
        }}
      >
        {value}
      </Typography>
      <Typography component="div" variant="body2" color="text.secondary" sx={{ minHeight: '1.5em' }}>
        {detail}
      </Typography>
    </Card>
  );
}
