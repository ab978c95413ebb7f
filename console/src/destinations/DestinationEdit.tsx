import { RecordEdit } from '../records/RecordEdit';
import { ConnectionTest } from './ConnectionTest';
import { CredentialSection } from './CredentialSection';
import { DestinationFields } from './DestinationFields';

export default function DestinationEdit() {
  return (
    <RecordEdit
      schema="destination"
      operation="replaceDestination"
      kind="Destination"
      bare
      narrow
      below={
        <>
          <CredentialSection />
          <ConnectionTest />
        </>
      }
    >
      <DestinationFields />
    </RecordEdit>
  );
}
