import CheckCircle from '@mui/icons-material/CheckCircle';
import Circle from '@mui/icons-material/RadioButtonUnchecked';
import ErrorIcon from '@mui/icons-material/Error';
import Info from '@mui/icons-material/Info';
import Sync from '@mui/icons-material/Sync';
import Warning from '@mui/icons-material/WarningAmber';
import type { SvgIconComponent } from '@mui/icons-material';
import { Chip, type ChipProps } from '@mui/material';

export type Tone = 'good' | 'bad' | 'warning' | 'busy' | 'info' | 'neutral';

const LOOKS: Record<Tone, { color: ChipProps['color']; Icon: SvgIconComponent }> = {
  good: { color: 'success', Icon: CheckCircle },
  bad: { color: 'error', Icon: ErrorIcon },
  warning: { color: 'warning', Icon: Warning },
  busy: { color: 'info', Icon: Sync },
  info: { color: 'info', Icon: Info },
  neutral: { color: 'default', Icon: Circle },
};

interface Props {
  label: string;
  tone: Tone;
  size?: ChipProps['size'];
  title?: string;
}

/** A state in a word, its tone by icon and colour; jobs have JobStatusChip. */
export function StatusChip({ label, tone, size = 'small', title }: Props) {
  const { color, Icon } = LOOKS[tone];
  return <Chip size={size} variant="outlined" color={color} icon={<Icon />} label={label} title={title} />;
}
