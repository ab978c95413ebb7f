import { Alert } from '@mui/material';

import { RecordCreate } from '../records/RecordCreate';
import { SubscriptionFields } from './SubscriptionFields';

export default function SubscriptionCreate() {
  return (
    <RecordCreate schema="subscription" title="New subscription" bare>
      <Alert severity="info" sx={{ mt: 1 }}>
        A web server’s events are signed with a secret. Get it by rotating it once the subscription is
        created: it is shown that one time.
      </Alert>
      <SubscriptionFields isNew />
    </RecordCreate>
  );
}
