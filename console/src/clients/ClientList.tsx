import { DataTable, FunctionField } from 'react-admin';

import type { Schema } from '../api/types';
import { ROLE_NAMES } from '../auth/roles';
import { RecordList } from '../records/RecordList';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';

type Client = Schema<'Client'>;

export default function ClientList() {
  return (
    <RecordList
      title="Clients"
      resource="clients"
      create="createClient"
      what="client"
      about="A client is a machine that may call the API: an OAuth client, or an IAM role or user."
    >
      <DataTable<Client> bulkActionButtons={false} rowClick="edit">
        <DataTable.Col label="Client">
          <FunctionField<Client> render={({ id }) => <strong>{id}</strong>} />
        </DataTable.Col>
        <DataTable.Col label="Principal">
          <FunctionField<Client> render={({ principal }) => <code>{principal}</code>} />
        </DataTable.Col>
        <DataTable.Col label="Role">
          <FunctionField<Client> render={({ role }) => ROLE_NAMES[role ?? 'tenant-viewer']} />
        </DataTable.Col>
        <DataTable.Col source="description" disableSort />
        <DataTable.Col label="State">
          <FunctionField<Client>
            render={({ enabled }) =>
              enabled ? <StatusChip label="On" tone="good" /> : <StatusChip label="Off" tone="neutral" />
            }
          />
        </DataTable.Col>
        <DataTable.Col label="Changed">
          <FunctionField<Client> render={({ updated_at }) => <Time at={updated_at} />} />
        </DataTable.Col>
      </DataTable>
    </RecordList>
  );
}
