import { DataTable, FunctionField } from 'react-admin';

import type { Schema } from '../api/types';
import { RecordList } from '../records/RecordList';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { addressText, credentialText, KINDS } from './destination';

type Destination = Schema<'Destination'>;

export default function DestinationList() {
  return (
    <RecordList
      title="Destinations"
      resource="destinations"
      create="createDestination"
      what="destination"
      about="A destination is where files are delivered: an SFTP server, a bucket or a web server."
    >
      <DataTable<Destination> bulkActionButtons={false} rowClick="edit" size="medium">
        <DataTable.Col label="Destination">
          <FunctionField<Destination> render={({ id }) => <strong>{id}</strong>} />
        </DataTable.Col>
        <DataTable.Col label="Kind">
          <FunctionField<Destination> render={({ target }) => KINDS[target.kind]} />
        </DataTable.Col>
        <DataTable.Col label="Address">
          <FunctionField<Destination> render={({ target }) => <code>{addressText(target)}</code>} />
        </DataTable.Col>
        <DataTable.Col label="Credential">
          <FunctionField<Destination>
            render={(destination) => <CredentialState destination={destination} />}
          />
        </DataTable.Col>
        <DataTable.Col source="description" disableSort />
        <DataTable.Col label="Changed">
          <FunctionField<Destination> render={({ updated_at }) => <Time at={updated_at} />} />
        </DataTable.Col>
      </DataTable>
    </RecordList>
  );
}

function CredentialState({ destination }: { destination: Destination }) {
  const { text, missing } = credentialText(destination);
  return missing ? <StatusChip label={text} tone="warning" /> : <>{text}</>;
}
