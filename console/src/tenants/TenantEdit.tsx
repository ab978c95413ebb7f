import { RecordEdit } from '../records/RecordEdit';
import { TenantFields } from './TenantForms';

export default function TenantEdit() {
  return (
    <RecordEdit schema="tenant" operation="replaceTenant" kind="Tenant">
      <TenantFields />
    </RecordEdit>
  );
}
