import { Alert, Box, Button, Typography } from '@mui/material';
import { useState } from 'react';
import { useRecordContext } from 'react-admin';

import type { Schema } from '../api/types';
import { useMay } from '../auth/IdentityContext';
import { CopyText } from '../records/CopyText';
import { FormSection } from '../records/FormSection';
import { useAction } from '../records/useAction';
import { Problem } from '../shared/Problem';
import { Time } from '../shared/Time';
import { CredentialDialog } from './CredentialDialog';
import { CREDENTIALS } from './destination';

/** What the destination logs in with: what exists, never the secret itself. */
export function CredentialSection() {
  const record = useRecordContext<Schema<'Destination'>>();
  const may = useMay();
  const [open, setOpen] = useState(false);
  const generate = useAction('createDestinationKey', { resource: 'destinations', done: 'A key is made' });
  if (!record || record.target.kind === 's3') return null;
  const { credential, target } = record;
  const isSftp = target.kind === 'sftp';
  return (
    <FormSection
      title="Credential"
      about="It goes to Secrets Manager and never comes back; a new one replaces the one before."
      action={
        <>
          {isSftp && may('createDestinationKey') && (
            <Button
              onClick={() => {
                generate.mutate({});
              }}
              disabled={generate.isPending}
            >
              Generate a key
            </Button>
          )}
          {may('storeCredential') && (
            <Button
              variant="outlined"
              onClick={() => {
                setOpen(true);
              }}
            >
              {credential ? 'Replace' : 'Store one'}
            </Button>
          )}
        </>
      }
    >
      {generate.error && <Problem error={generate.error} />}
      {credential?.secret && credential.set_at ? (
        <Info info={credential} />
      ) : (
        <Alert severity={isSftp && !(target.secret ?? undefined) ? 'warning' : 'info'}>
          {own(target) ? `The secret ${own(target) ?? ''} is used; it is kept by you.` : 'Nothing is stored.'}
        </Alert>
      )}
      {credential?.pending && <Pending info={credential.pending} />}
      {open && (
        <CredentialDialog
          kind={isSftp ? 'sftp' : 'https'}
          close={() => {
            setOpen(false);
          }}
        />
      )}
    </FormSection>
  );
}

function own(target: Schema<'Destination'>['target']): string | null | undefined {
  if (target.kind === 's3') return undefined;
  return target.kind === 'sftp' ? target.secret : target.hmac_secret;
}

function Info({ info }: { info: Schema<'CredentialInfo'> }) {
  return (
    <Box>
      <Typography>
        {CREDENTIALS[info.kind]}, stored <Time at={info.set_at} /> {info.set_by && <>by {info.set_by}</>}
      </Typography>
      {info.fingerprint && (
        <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
          {info.fingerprint}
        </Typography>
      )}
      {info.public_key && <CopyText text={info.public_key} label="Public key" />}
    </Box>
  );
}

/** A key that was made and is not in use yet: the partner must install it first. */
function Pending({ info }: { info: Schema<'CredentialInfo'> }) {
  const may = useMay();
  const activate = useAction('activateDestinationKey', {
    resource: 'destinations',
    done: 'The new key is in use',
  });
  return (
    <Alert
      severity="info"
      sx={{ mt: 2, '& .MuiAlert-message': { minWidth: 0, flexGrow: 1 } }}
      action={
        may('activateDestinationKey') && (
          <Button
            color="inherit"
            disabled={activate.isPending}
            onClick={() => {
              activate.mutate({});
            }}
          >
            Activate
          </Button>
        )
      }
    >
      A new key waits. Send its public key to the partner, and activate it once they have installed it.
      <Info info={info} />
      {activate.error && <Problem error={activate.error} />}
    </Alert>
  );
}
