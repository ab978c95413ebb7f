/** What can be told of an SSH public key before the API looks at it. */
export interface KeyCheck {
  /** The key on one line as it is sent: without options, line breaks and blanks around it. */
  key: string;
  type?: string;
  comment?: string;
  /** Why it cannot be one. */
  wrong?: string;
}

const TYPES =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/;

/** Checks what was pasted: one public key as OpenSSH writes it, `TYPE BASE64 COMMENT`. */
export function checkKey(pasted: string): KeyCheck {
  const key = pasted.trim();
  if (key === '') return { key, wrong: 'Paste a public key.' };
  if (key.includes('PRIVATE KEY')) {
    return { key: '', wrong: 'This is a private key. It belongs to its owner alone: ask for the .pub file.' };
  }
  if (key.startsWith('---- BEGIN SSH2')) return { key, wrong: 'Convert it first: ssh-keygen -i -f FILE' };
  const lines = key.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length > 1) return { key, wrong: 'Paste one key; each has its own label and end.' };
  const [type = '', body = '', ...comment] = (lines[0] ?? '').trim().split(/\s+/);
  if (!TYPES.test(type)) return { key, wrong: 'It does not begin with a type of key, such as ssh-ed25519.' };
  if (innerType(body) !== type) return { key, type, wrong: 'The key is cut off, or not what its type says.' };
  return { key: lines[0]?.trim() ?? '', type, comment: comment.join(' ') };
}

/** The type that the key itself tells: a length and the name, in base64. */
function innerType(body: string): string | undefined {
  try {
    const bytes = atob(body);
    const length = bytes.charCodeAt(3);
    return bytes.length > 4 + length ? bytes.slice(4, 4 + length) : undefined;
  } catch {
    return undefined;
  }
}

/** The fingerprint as `ssh-keygen -l` shows it: `SHA256:…`. */
export async function fingerprintOf(key: string): Promise<string> {
  const body = key.split(/\s+/)[1] ?? '';
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return `SHA256:${btoa(String.fromCharCode(...digest)).replace(/=+$/, '')}`;
}

const DAY = 86_400_000;

export interface Validity {
  text: string;
  tone: 'good' | 'warning' | 'bad' | 'neutral';
  /** How much of its time has passed, 0 to 1; undefined for a key without end. */
  passed?: number;
}

/** How a key stands between its begin and its end; it warns from 30 days before the end. */
export function validityOf(
  begin: string | null | undefined,
  end: string | null | undefined,
  now = Date.now(),
): Validity {
  const from = begin ? Date.parse(begin) : undefined;
  if (from !== undefined && from > now)
    return { text: `Begins in ${daysText(from - now)}`, tone: 'neutral', passed: 0 };
  if (!end) return { text: 'Without end', tone: 'good' };
  const until = Date.parse(end);
  if (until <= now) return { text: `Expired ${daysText(now - until)} ago`, tone: 'bad', passed: 1 };
  const whole = until - (from ?? Math.min(now, until - 365 * DAY));
  const passed = Math.min(1, Math.max(0, 1 - (until - now) / whole));
  return { text: `${daysText(until - now)} left`, tone: until - now < 30 * DAY ? 'warning' : 'good', passed };
}

function daysText(milliseconds: number): string {
  const days = Math.floor(milliseconds / DAY);
  if (days < 1) return 'less than a day';
  return days === 1 ? '1 day' : `${String(days)} days`;
}
