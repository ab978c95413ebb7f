import { RecordEdit } from '../records/RecordEdit';
import { ExpectationFields } from './ExpectationFields';
import { Windows } from './Windows';

export default function ExpectationEdit() {
  return (
    <RecordEdit
      schema="expectation"
      operation="replaceExpectation"
      kind="Expectation"
      bare
      narrow
      above={<Windows />}
    >
      <ExpectationFields />
    </RecordEdit>
  );
}
