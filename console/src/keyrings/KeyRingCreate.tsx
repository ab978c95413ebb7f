import { RecordCreate } from '../records/RecordCreate';
import { Field } from '../schema/Field';

export default function KeyRingCreate() {
  return (
    <RecordCreate schema="key-ring" title="New key ring">
      <Field
        source="description"
        multiline
        help="Such as: files from and to the bank. Keys are added once it is created."
      />
    </RecordCreate>
  );
}
