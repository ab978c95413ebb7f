import { RecordEdit } from '../records/RecordEdit';
import { ClientFields } from './ClientForms';

export default function ClientEdit() {
  return (
    <RecordEdit operation="replaceClient" kind="Client">
      <ClientFields />
    </RecordEdit>
  );
}
