import { RecordCreate } from '../records/RecordCreate';
import { DestinationFields } from './DestinationFields';

export default function DestinationCreate() {
  return (
    <RecordCreate schema="destination" title="New destination" bare>
      <DestinationFields isNew />
    </RecordCreate>
  );
}
