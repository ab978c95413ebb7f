import type { Schema } from '../api/types';

type Route = Schema<'Route'>;

/** The order in which routes are tried. */
export function byPriority(a: Pick<Route, 'priority' | 'id'>, b: Pick<Route, 'priority' | 'id'>): number {
  return (a.priority ?? 100) - (b.priority ?? 100) || (a.id < b.id ? -1 : 1);
}

/** Which files a route takes, in a line. */
export function matchText(match: Route['match']): string {
  const path = [match.glob, match.regex && `/${match.regex}/`].filter(Boolean).join(' and ') || 'every path';
  const users = match.users ?? [];
  return users.length > 0 ? `${path} of ${users.join(', ')}` : path;
}
