import { RecordCreate } from '../records/RecordCreate';
import { UserFields } from './UserForm';

export default function UserCreate() {
  return (
    <RecordCreate
      schema="user"
      title="New user"
      idHelp="The login's name: letters, digits and _ . @ -, at least 3. It is fixed, and unique over all tenants."
      bare
    >
      <UserFields />
    </RecordCreate>
  );
}
