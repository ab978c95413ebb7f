import PlaylistPlay from '@mui/icons-material/PlaylistPlay';
import { DataTable, List } from 'react-admin';

import { ACTIONS } from '../jobs/actions';
import { filterText } from '../jobs/filters';
import { Empty } from '../shared/Empty';
import { Pages } from '../shared/Pages';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { statusOf, type BulkRecord } from './bulk';

/** A tenant's bulk actions of the last 90 days. */
export default function BulkList() {
  return (
    <List
      title="Bulk actions"
      exporter={false}
      empty={false}
      actions={false}
      perPage={25}
      pagination={<Pages />}
      queryOptions={{ refetchInterval: 5_000 }}
    >
      <DataTable<BulkRecord>
        rowClick="show"
        bulkActionButtons={false}
        size="small"
        empty={
          <Empty title="No bulk actions" Icon={PlaylistPlay}>
            Filter the list of jobs, and choose “Act on all of these”. It is planned first, and run when you
            say so.
          </Empty>
        }
      >
        <DataTable.Col<BulkRecord>
          label="Action"
          disableSort
          render={(bulk) => `${ACTIONS[bulk.action].name} ${filterText(bulk.filter)}`}
        />
        <DataTable.Col<BulkRecord>
          label="Status"
          disableSort
          render={(bulk) => <StatusChip {...statusOf(bulk)} />}
        />
        <DataTable.NumberCol<BulkRecord> source="total" label="Jobs" disableSort />
        <DataTable.NumberCol<BulkRecord> source="possible" label="Possible" disableSort />
        <DataTable.NumberCol<BulkRecord> source="done" label="Done" disableSort />
        <DataTable.NumberCol<BulkRecord> source="failed" label="Failed" disableSort />
        <DataTable.NumberCol<BulkRecord> source="skipped" label="Skipped" disableSort />
        <DataTable.Col<BulkRecord> source="requested_by" label="By" disableSort />
        <DataTable.Col<BulkRecord>
          label="Planned"
          disableSort
          render={(bulk) => <Time at={bulk.created_at} />}
        />
      </DataTable>
    </List>
  );
}
