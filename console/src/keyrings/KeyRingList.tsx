import { DataTable, FunctionField } from 'react-admin';

import type { Schema } from '../api/types';
import { RecordList } from '../records/RecordList';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';

type Ring = Schema<'KeyRingAnswer'>;

export default function KeyRingList() {
  return (
    <RecordList
      title="Key rings"
      resource="key-rings"
      create="createKeyRing"
      what="key ring"
      about="A key ring holds your own OpenPGP keys and one partner’s certificates; routes name the ring, so that keys rotate without a new revision."
    >
      <DataTable<Ring> bulkActionButtons={false} rowClick="edit">
        <DataTable.Col label="Key ring">
          <FunctionField<Ring> render={({ id }) => <strong>{id}</strong>} />
        </DataTable.Col>
        <DataTable.Col source="description" disableSort />
        <DataTable.Col label="Own keys">
          <FunctionField<Ring> render={(ring) => usable(ring, 'own')} />
        </DataTable.Col>
        <DataTable.Col label="Partner’s">
          <FunctionField<Ring> render={(ring) => usable(ring, 'partner')} />
        </DataTable.Col>
        <DataTable.Col label="State">
          <FunctionField<Ring>
            render={({ warnings }) =>
              warnings.length > 0 ? (
                <StatusChip label="A key ends soon" tone="warning" title={warnings[0]?.detail} />
              ) : (
                <StatusChip label="Good" tone="good" />
              )
            }
          />
        </DataTable.Col>
        <DataTable.Col label="Changed">
          <FunctionField<Ring> render={({ updated_at }) => <Time at={updated_at} />} />
        </DataTable.Col>
      </DataTable>
    </RecordList>
  );
}

function usable({ keys }: Ring, owner: 'own' | 'partner'): string {
  const theirs = keys.filter((key) => key.owner === owner);
  const valid = theirs.filter(({ state }) => state === 'valid' || state === 'pending');
  return `${String(valid.length)} of ${String(theirs.length)} usable`;
}
