import { DataTable, FunctionField } from 'react-admin';

import type { Schema } from '../api/types';
import { RecordList } from '../records/RecordList';
import { StatusChip } from '../shared/StatusChip';
import { filterText, KINDS, targetText } from './subscription';

type Subscription = Schema<'SubscriptionAnswer'>;

export default function SubscriptionList() {
  return (
    <RecordList
      title="Subscriptions"
      resource="subscriptions"
      create="createSubscription"
      what="subscription"
      about="A subscription tells a web server, a queue or a mailbox of what happens to files."
    >
      <DataTable<Subscription> bulkActionButtons={false} rowClick="edit">
        <DataTable.Col label="Subscription">
          <FunctionField<Subscription> render={({ id }) => <strong>{id}</strong>} />
        </DataTable.Col>
        <DataTable.Col label="Kind">
          <FunctionField<Subscription> render={({ target }) => KINDS[target.kind]} />
        </DataTable.Col>
        <DataTable.Col label="To">
          <FunctionField<Subscription> render={({ target }) => <code>{targetText(target)}</code>} />
        </DataTable.Col>
        <DataTable.Col label="Events">
          <FunctionField<Subscription> render={({ filter }) => filterText(filter)} />
        </DataTable.Col>
        <DataTable.Col label="State">
          <FunctionField<Subscription>
            render={({ enabled }) =>
              enabled ? <StatusChip label="On" tone="good" /> : <StatusChip label="Off" tone="neutral" />
            }
          />
        </DataTable.Col>
      </DataTable>
    </RecordList>
  );
}
