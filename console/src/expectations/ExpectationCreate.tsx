import { RecordCreate } from '../records/RecordCreate';
import { ExpectationFields } from './ExpectationFields';

export default function ExpectationCreate() {
  return (
    <RecordCreate schema="expectation" title="New expectation" bare>
      <ExpectationFields />
    </RecordCreate>
  );
}
