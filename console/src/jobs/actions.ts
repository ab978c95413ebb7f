import { isOver, routeOf, type Action, type Job } from './job';

/** How an action is to go; what it does not know of is left alone. */
export interface Asked {
  action: Action;
  revision?: 'original' | 'current';
  route?: string;
  acceptViolations?: boolean;
}

/** What would happen to a job, or why the action is not possible. */
export interface Course {
  possible: boolean;
  plan: string;
}

interface About {
  name: string;
  /** What it does, for the dialog. */
  effect: string;
  /** Nothing brings the former state back. */
  destructive: boolean;
}

export const ACTIONS: Record<Action, About> = {
  cancel: {
    name: 'Cancel',
    effect:
      'The run ends as cancelled. Nothing more becomes visible at a destination, and unfinished files are removed there; what was delivered before stays. The file stays in ingest, so that a retry or a redrive can go on.',
    destructive: true,
  },
  retry: {
    name: 'Retry',
    effect:
      'A new run begins from the start, with the route’s revision and the workflow’s version of the last run. Everything is delivered again, but for a file that lies at the partner under the same name with the same bytes.',
    destructive: false,
  },
  redrive: {
    name: 'Redrive',
    effect:
      'A new run goes on where the last one stopped: finished steps whose objects are still there with their recorded checksums are kept. Only what a partner refused, or has otherwise than it was sent, is delivered again.',
    destructive: false,
  },
  replay: {
    name: 'Replay',
    effect:
      'A new run carries the file once more from the start, from ingest or from the copy that was kept. It is delivered again.',
    destructive: false,
  },
  release: {
    name: 'Release',
    effect: 'The file leaves quarantine: a new run begins with the route’s active revision.',
    destructive: false,
  },
  reject: {
    name: 'Reject',
    effect:
      'The file is refused for good: it is never delivered, and nobody can release it any more. It stays in quarantine until its time there is over, and subscribers are told.',
    destructive: true,
  },
};

/** What is most likely wanted comes first. */
export const ACTION_NAMES: readonly Action[] = ['release', 'reject', 'cancel', 'redrive', 'retry', 'replay'];

/**
 * What an action would do to a job as it is known here. The API decides by the same rules, and knows the routes as well.
 */
export function courseOf(job: Job, asked: Asked): Course {
  const not = obstacle(job, asked);
  return not === undefined ? { possible: true, plan: planOf(job, asked) } : { possible: false, plan: not };
}

/** The actions that make sense for a job. */
export function possibleActions(job: Job): Action[] {
  return ACTION_NAMES.filter((action) => courseOf(job, { action, revision: 'current' }).possible);
}

function obstacle(job: Job, { action, revision }: Asked): string | undefined {
  const over = isOver(job.status);
  if (action === 'cancel')
    return over ? `It is ${word(job)} already: there is nothing to cancel.` : undefined;
  if (!over) return `It is ${word(job)}: wait for its end, or cancel it.`;
  if (job.rejected_at) return 'Its file was refused for good: have the partner send it again.';
  if (action === 'retry' || action === 'redrive') {
    if (job.status === 'QUARANTINED') return 'It is quarantined: release or reject it.';
    if (job.status !== 'FAILED' && job.status !== 'CANCELLED') return `It is ${word(job)}: replay it.`;
    return routeOf(job)
      ? undefined
      : 'It has no route: mend the routes, and replay it with the current revision.';
  }
  if (action === 'replay') {
    const noOriginal = revision !== 'current' && !routeOf(job);
    return noOriginal
      ? 'No route has taken it: replay it with the current revision, or release it.'
      : undefined;
  }
  return job.status === 'QUARANTINED' ? undefined : `It is ${word(job)}, not quarantined.`;
}

function planOf(job: Job, asked: Asked): string {
  const next = `Run ${String(job.run + 1)} begins`;
  switch (asked.action) {
    case 'cancel':
      return `Run ${String(job.run)} is cancelled.`;
    case 'retry':
      return `${next} from the start, with revision ${String(job.revision)} of ${job.route}.`;
    case 'redrive':
      return `${next} and keeps what is finished and still there.`;
    case 'replay':
      return `${next} with the ${asked.revision === 'current' ? 'active revision of its route' : 'revision that the first run had'}.`;
    case 'release': {
      const by = routeOf(job) ?? asked.route;
      const unchecked = asked.acceptViolations ? ' Its content is not checked again.' : '';
      return `${next} with ${by ? `the active revision of ${by}` : 'the route that takes it today'}.${unchecked}`;
    }
    case 'reject':
      return 'The file is refused for good.';
  }
}

function word(job: Job): string {
  return job.status.toLowerCase();
}

/** The body of the request; the operation is the action's name and `Job`. */
export function bodyOf(asked: Asked, comment: string): Record<string, unknown> {
  if (asked.action === 'replay') return { comment, revision: asked.revision ?? 'original' };
  if (asked.action === 'release') {
    return {
      comment,
      accept_violations: asked.acceptViolations ?? false,
      ...(asked.route ? { route: asked.route } : {}),
    };
  }
  return { comment };
}

export const OPERATIONS = {
  cancel: 'cancelJob',
  retry: 'retryJob',
  redrive: 'redriveJob',
  replay: 'replayJob',
  release: 'releaseJob',
  reject: 'rejectJob',
} as const satisfies Record<Action, string>;
