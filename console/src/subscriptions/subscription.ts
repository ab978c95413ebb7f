import type { Schema } from '../api/types';
import type { Tone } from '../shared/StatusChip';

type Subscription = Schema<'SubscriptionAnswer'>;

export const KINDS: Record<Subscription['target']['kind'], string> = {
  https: 'Web server',
  sqs: 'SQS queue',
  email: 'E-mail',
};

export const STATES: Record<
  NonNullable<Subscription['state']>,
  { label: string; tone: Tone; about: string }
> = {
  active: { label: 'Active', tone: 'good', about: 'Events are sent.' },
  disabled: { label: 'Off', tone: 'neutral', about: 'No events are sent.' },
  failing: {
    label: 'Failing',
    tone: 'warning',
    about: 'The last events could not be delivered; they are tried again.',
  },
  suspended: {
    label: 'Suspended',
    tone: 'bad',
    about: 'It failed for too long and is sent nothing. Mend the endpoint, then save the subscription anew.',
  },
  pending_confirmation: {
    label: 'Not confirmed',
    tone: 'info',
    about: 'The address must confirm by the message that it was sent.',
  },
  gone: {
    label: 'Gone',
    tone: 'bad',
    about: 'The address has unsubscribed, or its queue is no longer there.',
  },
};

export function targetText(target: Subscription['target']): string {
  switch (target.kind) {
    case 'https':
      return target.url;
    case 'sqs':
      return target.queue_arn;
    case 'email':
      return target.address;
  }
}

export function filterText(filter: Subscription['filter']): string {
  const parts = [filter?.types, filter?.statuses, filter?.routes]
    .filter((list) => list && list.length > 0)
    .map((list) => (list ?? []).join(', '));
  return parts.join(' · ') || 'all events';
}
