import Copy from '@mui/icons-material/ContentCopy';
import Block from '@mui/icons-material/Block';
import Cancel from '@mui/icons-material/DoNotDisturbOn';
import CheckCircle from '@mui/icons-material/CheckCircle';
import ErrorIcon from '@mui/icons-material/Error';
import Inbox from '@mui/icons-material/Inbox';
import Report from '@mui/icons-material/GppMaybe';
import Sync from '@mui/icons-material/Sync';
import { Chip, type ChipProps } from '@mui/material';
import type { SvgIconComponent } from '@mui/icons-material';

import type { components } from '../api/schema';

export type JobStatus = components['schemas']['JobStatus'];

interface Look {
  label: string;
  color: ChipProps['color'];
  Icon: SvgIconComponent;
}

const LOOKS: Record<JobStatus, Look> = {
  RECEIVED: { label: 'Received', color: 'default', Icon: Inbox },
  RUNNING: { label: 'Running', color: 'info', Icon: Sync },
  SUCCEEDED: { label: 'Succeeded', color: 'success', Icon: CheckCircle },
  FAILED: { label: 'Failed', color: 'error', Icon: ErrorIcon },
  QUARANTINED: { label: 'Quarantined', color: 'warning', Icon: Report },
  CANCELLED: { label: 'Cancelled', color: 'default', Icon: Cancel },
  DUPLICATE: { label: 'Duplicate', color: 'default', Icon: Copy },
};

export const JOB_STATUSES = Object.keys(LOOKS) as JobStatus[];

export function jobStatusName(status: JobStatus): string {
  return LOOKS[status].label;
}

interface Props {
  status: JobStatus;
  /** The quarantined file was refused for good. */
  rejected?: boolean;
  /** What a received file waits for. */
  waitingFor?: string | null;
  size?: ChipProps['size'];
}

/** A job's status, by word and icon and not by colour alone. */
export function JobStatusChip({ status, rejected = false, waitingFor, size = 'small' }: Props) {
  const { label, color, Icon } = LOOKS[status];
  if (rejected) {
    return <Chip size={size} variant="outlined" color="error" icon={<Block />} label="Rejected" />;
  }
  const waiting = status === 'RECEIVED' && waitingFor ? `Waiting: ${waitingFor}` : label;
  return <Chip size={size} variant="outlined" color={color} icon={<Icon />} label={waiting} />;
}
