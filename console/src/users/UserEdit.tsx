import { Alert, Typography } from '@mui/material';
import { useRecordContext } from 'react-admin';

import type { Schema } from '../api/types';
import { CopyText } from '../records/CopyText';
import { RecordEdit } from '../records/RecordEdit';
import { FormSection } from '../records/FormSection';
import { Password } from './Password';
import { UserFields } from './UserForm';

export default function UserEdit() {
  return (
    <RecordEdit
      schema="user"
      operation="replaceUser"
      kind="User"
      bare
      narrow
      above={<Warnings />}
      below={
        <>
          <Password />
          <Home />
        </>
      }
    >
      <UserFields />
    </RecordEdit>
  );
}

function Warnings() {
  const user = useRecordContext<Schema<'UserAnswer'>>();
  return (
    <>
      {user?.warnings.map((warning) => (
        <Alert key={warning.pointer + warning.detail} severity="warning" sx={{ mb: 1 }}>
          {warning.detail}
        </Alert>
      ))}
    </>
  );
}

function Home() {
  const user = useRecordContext<Schema<'UserAnswer'>>();
  if (!user) return null;
  return (
    <FormSection title="Home folder">
      <Typography variant="body2" color="text.secondary">
        Over SFTP the user sees it as <code>/</code>.
      </Typography>
      <CopyText text={`s3://${user.home.bucket}/${user.home.prefix}`} label="Home folder" />
    </FormSection>
  );
}
