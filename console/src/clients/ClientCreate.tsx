import { RecordCreate } from '../records/RecordCreate';
import { ClientFields } from './ClientForms';

const DEFAULTS = { role: 'tenant-viewer', enabled: true };

export default function ClientCreate() {
  return (
    <RecordCreate title="New client" defaults={DEFAULTS}>
      <ClientFields isNew />
    </RecordCreate>
  );
}
