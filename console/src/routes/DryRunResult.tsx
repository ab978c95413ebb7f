import {
  Alert,
  Box,
  Chip,
  Link,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { Link as RouterLink } from 'react-router-dom';

import type { Schema } from '../api/types';
import { useTenant } from '../auth/IdentityContext';
import { FormSection } from '../records/FormSection';
import { Bytes } from '../shared/Bytes';
import { Empty } from '../shared/Empty';
import { JobStatusChip } from '../shared/JobStatusChip';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';

type Answer = Schema<'DryRunAnswer'>;
type File = Schema<'DryRunFile'>;

/** What would become of each file. */
export function DryRunResult({ answer }: { answer: Answer }) {
  const { files, matched, changed, unchecked, more } = answer;
  if (files.length === 0) {
    return <Empty title="No file was found">Widen the period, or take any status.</Empty>;
  }
  return (
    <FormSection title="Result">
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', mb: 2 }}>
        <Chip label={`${String(files.length)} files looked at`} />
        <Chip color="primary" variant="outlined" label={`${String(matched)} match`} />
        <Chip
          color={changed > 0 ? 'warning' : 'default'}
          variant="outlined"
          label={`${String(changed)} would go elsewhere than now`}
        />
      </Box>
      {unchecked.length > 0 && (
        <Alert severity="info" sx={{ mb: 2 }}>
          Not checked, since the content is not read: {unchecked.join(', ')}.
        </Alert>
      )}
      {more && (
        <Alert severity="info" sx={{ mb: 2 }}>
          There are more files in this period than were looked at.
        </Alert>
      )}
      <TableContainer>
        <Table size="small" aria-label="Files of the dry run">
          <TableHead>
            <TableRow>
              <TableCell>File</TableCell>
              <TableCell>Became</TableCell>
              <TableCell>This route</TableCell>
              <TableCell>Would be taken by</TableCell>
              <TableCell>Taken now by</TableCell>
              <TableCell>Executor</TableCell>
              <TableCell>Checks</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {files.map((file) => (
              <FileRow key={file.job_id} file={file} />
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </FormSection>
  );
}

function FileRow({ file }: { file: File }) {
  const tenant = useTenant();
  const changed = file.taken_by?.route !== file.takes_now?.route;
  const failed = file.checks.filter((check) => !check.ok);
  return (
    <TableRow hover sx={{ '& td': { verticalAlign: 'top' } }}>
      <TableCell sx={{ minWidth: 180 }}>
        <Link
          component={RouterLink}
          to={`/t/${tenant}/jobs/${file.job_id}/show`}
          sx={{ overflowWrap: 'anywhere' }}
        >
          {file.path}
        </Link>
        <Typography variant="caption" component="div" color="text.secondary">
          {file.user} · <Bytes size={file.size} /> · <Time at={file.created_at} />
        </Typography>
      </TableCell>
      <TableCell>
        <JobStatusChip status={file.job_status} />
        <Typography variant="caption" component="div" color="text.secondary">
          {file.job_route ? `${file.job_route} (revision ${String(file.job_revision)})` : 'no route'}
        </Typography>
      </TableCell>
      <TableCell sx={{ minWidth: 160 }}>
        {file.matches ? (
          <StatusChip label="Matches" tone="good" />
        ) : (
          <StatusChip label="Does not match" tone="neutral" />
        )}
        {file.reason && (
          <Typography variant="caption" component="div" color="text.secondary">
            {file.reason}
          </Typography>
        )}
      </TableCell>
      <TableCell>
        {file.taken_by?.route ?? 'no route'} {changed && <StatusChip label="Changed" tone="warning" />}
      </TableCell>
      <TableCell>{file.takes_now?.route ?? 'no route'}</TableCell>
      <TableCell title={file.executor_reason}>{file.executor?.replace('_', ' ') ?? '–'}</TableCell>
      <TableCell sx={{ minWidth: 120 }}>
        {failed.length === 0
          ? file.checks.length > 0
            ? 'passed'
            : '–'
          : failed.map((check) => <div key={check.check}>{check.detail}</div>)}
      </TableCell>
    </TableRow>
  );
}
