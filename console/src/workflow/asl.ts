/** A state of the Amazon States Language, as far as a drawing needs it. */
export interface AslState {
  Type: string;
  Comment?: string;
  Resource?: string;
  Next?: string;
  End?: boolean;
  Default?: string;
  Choices?: readonly AslChoice[];
  Catch?: readonly AslCatcher[];
  Retry?: readonly AslRetrier[];
  Branches?: readonly AslMachine[];
  ItemProcessor?: AslMachine;
  /** The former name of ItemProcessor. */
  Iterator?: AslMachine;
}

export interface AslMachine {
  Comment?: string;
  StartAt: string;
  States: Readonly<Record<string, AslState>>;
}

export interface AslRetrier {
  ErrorEquals: readonly string[];
  MaxAttempts?: number;
  IntervalSeconds?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  Comment?: string;
}

export interface AslCatcher {
  ErrorEquals: readonly string[];
  Next: string;
}

export interface AslChoice extends Record<string, unknown> {
  Next: string;
}

/** Whether a value is a state machine that can be drawn. */
export function isMachine(value: unknown): value is AslMachine {
  const machine = value as Partial<AslMachine> | null | undefined;
  return (
    typeof machine === 'object' &&
    machine !== null &&
    typeof machine.StartAt === 'string' &&
    typeof machine.States === 'object'
  );
}

/** The condition of a choice rule in few words: JSONata as it stands, JSONPath as an expression. */
export function conditionText(rule: Readonly<Record<string, unknown>>): string {
  if (typeof rule.Condition === 'string') return rule.Condition.replace(/^{%\s*|\s*%}$/g, '');
  for (const [word, sign] of [
    ['And', ' and '],
    ['Or', ' or '],
  ] as const) {
    const parts = rule[word];
    if (Array.isArray(parts)) return parts.map((part) => conditionText(part as AslChoice)).join(sign);
  }
  if (typeof rule.Not === 'object' && rule.Not !== null)
    return `not (${conditionText(rule.Not as AslChoice)})`;
  const comparison = Object.entries(rule).find(([name]) => !['Variable', 'Next', 'Comment'].includes(name));
  if (!comparison) return '';
  const [operator, operand] = comparison;
  return `${String(rule.Variable ?? '')} ${operator} ${JSON.stringify(operand)}`;
}
