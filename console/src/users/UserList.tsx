import { DataTable, FunctionField } from 'react-admin';

import type { Schema } from '../api/types';
import { RecordList } from '../records/RecordList';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';

type User = Schema<'UserAnswer'>;

export default function UserList() {
  return (
    <RecordList
      title="Users"
      resource="users"
      create="createUser"
      what="user"
      about="A user is a login of the SFTP server: whoever sends files to you. Have a public key of theirs at hand."
    >
      <DataTable<User> bulkActionButtons={false} rowClick="edit" size="medium">
        <DataTable.Col label="User">
          <FunctionField<User> render={({ id }) => <strong>{id}</strong>} />
        </DataTable.Col>
        <DataTable.Col source="description" disableSort />
        <DataTable.Col label="Keys">
          <FunctionField<User>
            render={({ keys }) =>
              `${String(keys.filter(({ state }) => state === 'valid').length)} of ${String(keys.length)} valid`
            }
          />
        </DataTable.Col>
        <DataTable.Col label="Networks">
          <FunctionField<User>
            render={({ allowed_networks }) => (allowed_networks ?? []).join(', ') || 'from anywhere'}
          />
        </DataTable.Col>
        <DataTable.Col label="State">
          <FunctionField<User> render={(user) => <State user={user} />} />
        </DataTable.Col>
        <DataTable.Col label="Changed">
          <FunctionField<User> render={({ updated_at }) => <Time at={updated_at} />} />
        </DataTable.Col>
      </DataTable>
    </RecordList>
  );
}

function State({ user }: { user: User }) {
  if (!user.enabled) return <StatusChip label="Off" tone="neutral" />;
  const [warning] = user.warnings;
  if (!warning) return <StatusChip label="On" tone="good" />;
  return (
    <StatusChip
      label={warning.pointer ? 'A key ends soon' : 'Cannot log in'}
      tone="warning"
      title={warning.detail}
    />
  );
}
