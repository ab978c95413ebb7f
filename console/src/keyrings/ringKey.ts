export type Way = 'generate' | 'certificate' | 'private_key';

export const WAYS: Record<Way, string> = {
  generate: 'Generate a new key of our own',
  certificate: 'Import the partner’s certificate',
  private_key: 'Import a private key of our own',
};

/** What the dialog for a new key holds. */
export interface RingKeyInput {
  way: Way;
  text: string;
  passphrase: string;
  userId: string;
  validDays: string;
  label: string;
  /** Local time as `datetime-local` has it; empty: now. */
  notBefore: string;
}

/** Why the key cannot be added yet. */
export function wrongIn({ way, text, userId, validDays }: RingKeyInput): string | undefined {
  if (way === 'generate') {
    if (userId.trim() === '') return 'A user id is required.';
    const days = Number(validDays);
    return Number.isInteger(days) && days >= 1 && days <= 3650 ? undefined : 'From 1 to 3650 days.';
  }
  const isPrivate = text.includes('BEGIN PGP PRIVATE KEY BLOCK');
  if (way === 'certificate' && isPrivate) return 'This is a private key; a partner never gives it away.';
  const block = `PGP ${way === 'certificate' ? 'PUBLIC' : 'PRIVATE'} KEY BLOCK-----`;
  if (!text.includes(`-----BEGIN ${block}`)) return `It must begin with -----BEGIN ${block}`;
  return text.includes(`-----END ${block}`) ? undefined : 'It is cut off: the last line is missing.';
}

export function bodyOf(input: RingKeyInput): Record<string, unknown> {
  const { way, text, passphrase, userId, validDays, label, notBefore } = input;
  const key = {
    generate: { generate: { user_id: userId.trim(), valid_days: Number(validDays) } },
    certificate: { certificate: text },
    private_key: { private_key: { key: text, ...(passphrase && { passphrase }) } },
  }[way];
  return { ...key, label, ...(notBefore && { not_before: new Date(notBefore).toISOString() }) };
}
