import type { Schema } from '../api/types';

type Destination = Schema<'Destination'>;
type Target = Destination['target'];

export const KINDS: Record<Target['kind'], string> = {
  sftp: 'SFTP server',
  s3: 'S3 bucket',
  https: 'Web server',
};

/** Where a destination is, in a line. */
export function addressText(target: Target): string {
  switch (target.kind) {
    case 'sftp': {
      const port = target.port === undefined || target.port === 22 ? '' : `:${String(target.port)}`;
      return `${target.username}@${target.host}${port} ${target.folder ?? '/'}`;
    }
    case 's3':
      return `s3://${target.bucket}/${target.prefix ?? ''}`;
    case 'https':
      return `${target.method ?? 'PUT'} ${target.url}`;
  }
}

export const CREDENTIALS: Record<Schema<'CredentialInfo'>['kind'], string> = {
  password: 'Password',
  private_key: 'Private key',
  password_and_private_key: 'Password and private key',
  https: 'Headers and signing key',
};

/** What a destination logs in with; `missing` where an SFTP server has nothing. */
export function credentialText({ target, credential }: Destination): { text: string; missing: boolean } {
  if (credential) return { text: CREDENTIALS[credential.kind], missing: false };
  if (target.kind === 's3') return { text: target.role_arn ? 'A role' : 'None needed', missing: false };
  const own = target.kind === 'sftp' ? target.secret : target.hmac_secret;
  if (own) return { text: `Secret ${own}`, missing: false };
  return target.kind === 'sftp' ? { text: 'Missing', missing: true } : { text: 'None', missing: false };
}
