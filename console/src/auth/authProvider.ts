import type { AuthProvider } from 'react-admin';

import { ApiError } from '../api/client';
import type { Session } from './session';

/** react-admin's view of the session. What a role may do is asked of `useMay`. */
export function authProviderOf(session: Session): AuthProvider {
  return {
    login: () => session.signIn(here()),
    logout: async (params: unknown) => {
      // react-admin also calls this when a request was not let in; the issuer then asks again, or knows the viewer still.
      if (params === undefined || params === null) await session.signOut();
      else await session.signIn(here());
      return false;
    },
    checkAuth: async () => {
      if ((await session.token()) === undefined) {
        await session.signIn(here());
        throw new Error('signing in');
      }
    },
    checkError: (error: unknown) =>
      error instanceof ApiError && error.status === 401 ? Promise.reject(error) : Promise.resolve(),
    getIdentity: async () => {
      const identity = await session.identity();
      return { id: identity?.id ?? '', fullName: identity?.name ?? '' };
    },
  };
}

function here(): string {
  return window.location.pathname + window.location.search;
}
