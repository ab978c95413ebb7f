import { useWatch } from 'react-hook-form';

import { PairsInput } from '../inputs/LinesInput';
import { TextsInput } from '../inputs/TextsInput';
import { Columns } from '../records/Columns';
import { FormSection } from '../records/FormSection';
import { Field } from '../schema/Field';
import { KindInput } from '../schema/KindInput';
import { KINDS } from './destination';

export function DestinationFields({ isNew = false }: { isNew?: boolean }) {
  const kind: unknown = useWatch({ name: 'target.kind' });
  return (
    <>
      <FormSection title="Destination">
        <Field source="description" multiline />
        <Field source="rate_bytes_per_second" label="Rate (bytes a second)" />
      </FormSection>
      <FormSection title="Target">
        <KindInput kinds={KINDS} fixed={!isNew} />
        {kind === 'sftp' && <SftpFields />}
        {kind === 's3' && <S3Fields />}
        {kind === 'https' && <HttpsFields />}
      </FormSection>
    </>
  );
}

function SftpFields() {
  return (
    <>
      <Columns>
        <Field source="target.host" placeholder="sftp.partner.example" />
        <Field source="target.port" />
        <Field source="target.username" label="User name" />
        <Field source="target.folder" />
      </Columns>
      <TextsInput
        source="target.host_keys"
        label="Host keys"
        one="host key"
        placeholder="ssh-ed25519 AAAA…"
        help="The server’s public keys; any other is refused. The connection test shows the one that the server has: compare it with the partner."
      />
      <Field
        source="target.secret"
        label="Secret of one’s own"
        help="Name in Secrets Manager, in place of a credential that is stored here."
      />
    </>
  );
}

function S3Fields() {
  return (
    <Columns>
      <Field source="target.bucket" />
      <Field source="target.prefix" placeholder="from-acme/" />
      <Field source="target.region" placeholder="eu-central-1" />
      <Field source="target.role_arn" label="Role (ARN)" />
      <Field source="target.external_id" label="External id" />
      <Field source="target.kms_key" label="KMS key" />
    </Columns>
  );
}

function HttpsFields() {
  return (
    <>
      <Field source="target.url" label="URL" placeholder="https://partner.example/files/" />
      <Field source="target.method" />
      <PairsInput source="target.headers" label="Headers" help="Not secret ones: name = value, one a line." />
      <Field source="target.hmac_secret" label="Secret of one’s own" />
      <Field source="target.ca_certificate" label="Certificate authority (PEM)" multiline />
    </>
  );
}
