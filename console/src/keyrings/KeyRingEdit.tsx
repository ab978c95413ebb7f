import { Alert } from '@mui/material';
import { useRecordContext } from 'react-admin';

import type { Schema } from '../api/types';
import { RecordEdit } from '../records/RecordEdit';
import { Field } from '../schema/Field';
import { RingKeys } from './RingKeys';

export default function KeyRingEdit() {
  return (
    <RecordEdit
      schema="key-ring"
      operation="replaceKeyRing"
      kind="Key ring"
      above={<Warnings />}
      below={<RingKeys />}
    >
      <Field source="description" multiline />
    </RecordEdit>
  );
}

function Warnings() {
  const ring = useRecordContext<Schema<'KeyRingAnswer'>>();
  return (
    <>
      {ring?.warnings.map((warning) => (
        <Alert key={warning.fingerprint + warning.detail} severity="warning" sx={{ mb: 1 }}>
          {warning.detail}
        </Alert>
      ))}
    </>
  );
}
