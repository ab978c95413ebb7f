import { useState } from 'react';
import { useNotify, useRedirect, type RaRecord } from 'react-admin';

import { RecordCreate } from '../records/RecordCreate';
import { SecretDialog } from './SecretDialog';
import { SubscriptionFields } from './SubscriptionFields';

export default function SubscriptionCreate() {
  const [created, setCreated] = useState<RaRecord & { secret: string }>();
  const notify = useNotify();
  const redirect = useRedirect();
  const leave = ({ id }: RaRecord) => {
    notify('The subscription is created', { type: 'success' });
    redirect('edit', 'subscriptions', id);
  };
  return (
    <RecordCreate
      schema="subscription"
      title="New subscription"
      bare
      onCreated={(record) => {
        if (hasSecret(record)) setCreated(record);
        else leave(record);
      }}
    >
      <SubscriptionFields isNew />
      {created && (
        <SecretDialog
          title="The secret that signs its events"
          secret={created.secret}
          close={() => {
            leave(created);
          }}
        />
      )}
    </RecordCreate>
  );
}

/** Those of web servers have one; the answer to their creation tells it. */
function hasSecret(record: RaRecord): record is RaRecord & { secret: string } {
  return typeof record.secret === 'string' && record.secret !== '';
}
