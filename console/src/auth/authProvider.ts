import type { AuthProvider } from 'react-admin';

import { ApiError } from '../api/client';
import type { Session } from './session';

/** react-admin's view of the session. What a role may do is asked of `useMay`. */
export function authProviderOf(session: Session): AuthProvider {
  return {
    login: () => session.signIn(here()),
    logout: async () => {
      await session.signOut();
      return false;
    },
    // Nobody is sent away from a page: SessionEnded lies over it, and what is written there can still be copied.
    checkAuth: async () => {
      const token = await session.token().catch(() => 'the issuer cannot be asked; requests will tell');
      if (token === undefined) session.end();
    },
    checkError: (error: unknown) => {
      if (error instanceof ApiError && error.status === 401) session.end();
      return Promise.resolve();
    },
    getIdentity: async () => {
      const identity = await session.identity();
      return { id: identity?.id ?? '', fullName: identity?.name ?? '' };
    },
  };
}

/** Where the viewer is, as an address below the origin. */
export function here(): string {
  return window.location.pathname + window.location.search + window.location.hash;
}
