import { DataTable, FunctionField } from 'react-admin';

import type { Schema } from '../api/types';
import { RecordList } from '../records/RecordList';
import { StatusChip } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { scheduleText, whichText } from './schedule';

type Expectation = Schema<'ExpectationAnswer'>;

export default function ExpectationList() {
  return (
    <RecordList
      title="Expectations"
      resource="expectations"
      create="createExpectation"
      what="expectation"
      about="An expectation says which files should come by when; you are told when they do not."
    >
      <DataTable<Expectation> bulkActionButtons={false} rowClick="edit">
        <DataTable.Col label="Expectation">
          <FunctionField<Expectation> render={({ id }) => <strong>{id}</strong>} />
        </DataTable.Col>
        <DataTable.Col label="Files">
          <FunctionField<Expectation> render={(expectation) => whichText(expectation)} />
        </DataTable.Col>
        <DataTable.Col label="Due">
          <FunctionField<Expectation>
            render={({ schedule, time_zone }) => scheduleText(schedule, time_zone ?? 'UTC')}
          />
        </DataTable.Col>
        <DataTable.Col label="Next deadline">
          <FunctionField<Expectation> render={({ next_deadline }) => <Time at={next_deadline} />} />
        </DataTable.Col>
        <DataTable.Col label="State">
          <FunctionField<Expectation>
            render={({ enabled }) =>
              enabled ? <StatusChip label="On" tone="good" /> : <StatusChip label="Off" tone="neutral" />
            }
          />
        </DataTable.Col>
      </DataTable>
    </RecordList>
  );
}
