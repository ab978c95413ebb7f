import { RecordCreate } from '../records/RecordCreate';
import { TenantFields } from './TenantForms';

export default function TenantCreate() {
  return (
    <RecordCreate schema="tenant" title="New tenant">
      <TenantFields />
    </RecordCreate>
  );
}
