import Inbox from '@mui/icons-material/Inbox';
import { Box, Card, Chip, Stack, Typography, useMediaQuery, type Theme } from '@mui/material';
import { BulkActionsToolbar, DataTable, List, SimpleList, useListContext } from 'react-admin';

import { useMay } from '../auth/IdentityContext';
import { BulkAll } from '../bulk/BulkAll';
import { BulkSelection } from '../bulk/BulkSelection';
import { Bytes } from '../shared/Bytes';
import { Duration } from '../shared/Duration';
import { Empty } from '../shared/Empty';
import { between } from '../shared/formats';
import { JobStatusChip } from '../shared/JobStatusChip';
import { Pages } from '../shared/Pages';
import { Problem } from '../shared/Problem';
import { Time } from '../shared/Time';
import { FilterBar } from './FilterBar';
import { EXECUTOR_NAMES, pathOfFile, routeOf, type Job } from './job';

const EVERY = 4_000;

/** A tenant's jobs, the newest first; read again every few seconds while the tab is seen. */
export default function JobList() {
  return <JobTable title="Jobs" />;
}

interface Props {
  title: string;
  /** Only jobs in this status; otherwise the viewer chooses. */
  status?: Job['status'];
}

export function JobTable({ title, status }: Props) {
  return (
    <List
      title={title}
      filter={status && { status }}
      perPage={25}
      exporter={false}
      empty={false}
      actions={false}
      pagination={<Pages whereOne />}
      queryOptions={{ refetchInterval: EVERY, refetchIntervalInBackground: false }}
      component="div"
    >
      <Head status={status} />
      <Card variant="outlined">
        <Rows status={status} />
      </Card>
    </List>
  );
}

function Head({ status }: Pick<Props, 'status'>) {
  const may = useMay();
  const { isFetching } = useListContext<Job & { id: string }>();
  return (
    <Stack sx={{ mb: 1 }}>
      <FilterBar status={status} />
      <Stack direction="row" spacing={1} sx={{ alignItems: 'center' }}>
        <Chip size="small" variant="outlined" label="Live" color={isFetching ? 'primary' : 'default'} />
        <Typography variant="caption" color="text.secondary" sx={{ flex: 1 }}>
          The newest come first; with a file name, by name.
        </Typography>
        {may('planBulkAction') && <BulkAll status={status} />}
      </Stack>
    </Stack>
  );
}

function Rows({ status }: Pick<Props, 'status'>) {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('md'));
  const { error, refetch, data, filterValues } = useListContext<Job & { id: string }>();
  const may = useMay();
  if (error && !data)
    return <Problem error={error} title="The jobs cannot be shown" again={() => void refetch()} />;
  const empty = <Nothing status={status} filtered={Object.keys(filterValues as object).length > 0} />;
  if (small) {
    return (
      <SimpleList<Job & { id: string }>
        empty={empty}
        rowClick="show"
        primaryText={(job) => <span style={{ overflowWrap: 'anywhere' }}>{job.filename}</span>}
        secondaryText={(job) => <SmallText job={job} />}
      />
    );
  }
  return (
    <DataTable<Job & { id: string }>
      rowClick="show"
      size="small"
      empty={empty}
      bulkActionButtons={may('replayJob')}
      bulkActionsToolbar={
        <BulkActionsToolbar selectAllButton={false}>
          <BulkSelection />
        </BulkActionsToolbar>
      }
    >
      <DataTable.Col<Job & { id: string }>
        label="Status"
        disableSort
        render={(job) => <Status job={job} />}
      />
      <DataTable.Col<Job & { id: string }> label="File" disableSort render={(job) => <File job={job} />} />
      <DataTable.Col<Job & { id: string }>
        label="Route"
        disableSort
        render={(job) => routeOf(job) ?? 'none'}
      />
      <DataTable.Col<Job & { id: string }>
        label="Run by"
        disableSort
        render={(job) => EXECUTOR_NAMES[job.executor] + (job.run > 1 ? `, run ${String(job.run)}` : '')}
      />
      <DataTable.Col<Job & { id: string }>
        label="Size"
        disableSort
        render={(job) => <Bytes size={job.object.size} />}
        sx={{ textAlign: 'right' }}
      />
      <DataTable.Col<Job & { id: string }>
        label="Received"
        disableSort
        render={(job) => <Time at={job.created_at} />}
      />
      <DataTable.Col<Job & { id: string }>
        label="Took"
        disableSort
        render={(job) => <Duration milliseconds={between(job.created_at, job.ended_at)} />}
      />
    </DataTable>
  );
}

function Status({ job }: { job: Job }) {
  return (
    <JobStatusChip status={job.status} rejected={Boolean(job.rejected_at)} waitingFor={job.waiting_for} />
  );
}

function File({ job }: { job: Job }) {
  return (
    <Box sx={{ minWidth: 0, overflowWrap: 'anywhere' }}>
      <Typography variant="body2" sx={{ fontWeight: 600 }}>
        {job.filename}
      </Typography>
      <Typography variant="caption" color="text.secondary">
        {job.user}: {pathOfFile(job)}
      </Typography>
    </Box>
  );
}

function SmallText({ job }: { job: Job }) {
  return (
    <Stack component="span" spacing={0.5} sx={{ mt: 0.5, alignItems: 'flex-start' }}>
      <Status job={job} />
      <span>
        {routeOf(job) ?? 'no route'} · <Bytes size={job.object.size} /> · <Time at={job.created_at} />
      </span>
    </Stack>
  );
}

function Nothing({ status, filtered }: Pick<Props, 'status'> & { filtered: boolean }) {
  if (status === 'QUARANTINED' && !filtered) {
    return (
      <Empty title="No files in quarantine" Icon={Inbox}>
        A file comes here when it breaks its route’s contract, or when no route takes it.
      </Empty>
    );
  }
  return filtered ? (
    <Empty title="No such jobs" Icon={Inbox}>
      Nothing matches the filter. A page may also be empty although later ones are not: look at the next page.
    </Empty>
  ) : (
    <Empty title="No jobs yet" Icon={Inbox}>
      A job begins when a user uploads a file by SFTP.
    </Empty>
  );
}
