import { ErrorTimeout, UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';

import type { Config } from '../config';
import { identityOf, type Identity } from './roles';

/** Sign-in by OpenID Connect (authorization code with PKCE); tokens live in this tab only. */
export class Session {
  private readonly manager: UserManager;
  private readonly listeners = new Set<() => void>();
  private renewal: Promise<User | null> | undefined;
  private ended = false;

  constructor(private readonly config: Config) {
    const { endpoints } = config;
    const origin = window.location.origin;
    this.manager = new UserManager({
      authority: config.issuer,
      client_id: config.clientId,
      redirect_uri: `${origin}/`,
      post_logout_redirect_uri: `${origin}/`,
      response_type: 'code',
      scope: config.scope,
      // Tokens are renewed when a request needs one, so that a tab that nobody uses lets its session run out.
      automaticSilentRenew: false,
      userStore: new WebStorageStateStore({ store: window.sessionStorage }),
      stateStore: new WebStorageStateStore({ store: window.sessionStorage }),
      ...(endpoints && {
        metadata: {
          issuer: config.issuer,
          authorization_endpoint: endpoints.authorization,
          token_endpoint: endpoints.token,
          end_session_endpoint: endpoints.logout,
          revocation_endpoint: endpoints.revocation,
        },
      }),
    });
  }

  /** Ends a sign-in that comes back from the issuer; the address to go on to, or undefined when none comes back. */
  async complete(): Promise<string | undefined> {
    const query = new URLSearchParams(window.location.search);
    if (!query.has('state') || !(query.has('code') || query.has('error'))) return undefined;
    try {
      const user = await this.manager.signinCallback();
      return typeof user?.state === 'string' ? user.state : '/';
    } catch (error) {
      // An address that was used before, from the browser's history: nothing is lost by asking the issuer again.
      if (error instanceof Error && error.message.startsWith('No matching state')) return '/';
      throw error;
    }
  }

  /** Leaves the page for the issuer's; afterwards the viewer is at `to`. */
  async signIn(to: string): Promise<void> {
    await this.manager.signinRedirect({ state: to });
  }

  /** Makes the refresh token worthless, forgets the tokens, and ends the session at the issuer. */
  async signOut(): Promise<void> {
    const { clientId, endpoints } = this.config;
    if (!endpoints) {
      await this.manager.signoutRedirect();
      return;
    }
    if (endpoints.revocation) await this.manager.revokeTokens(['refresh_token']).catch(() => undefined);
    await this.manager.removeUser();
    // Cognito's logout knows client_id and logout_uri where OpenID Connect has id_token_hint.
    const query = new URLSearchParams({ client_id: clientId, logout_uri: `${window.location.origin}/` });
    window.location.assign(`${endpoints.logout}?${query.toString()}`);
  }

  /**
   * The token for the API, renewed when it has run out; undefined when nobody is signed in any more. Throws what the
   * network says when the issuer cannot be asked.
   */
  async token(): Promise<string | undefined> {
    return (await this.user())?.access_token;
  }

  async identity(): Promise<Identity | undefined> {
    const token = await this.token();
    return token === undefined ? undefined : identityOf(claimsOf(token), this.config.rolesClaim);
  }

  /** The API or the issuer takes the tokens no more. The page stays as it is, for what is written in it. */
  end(): void {
    this.ended = true;
    this.listeners.forEach((listener) => {
      listener();
    });
  }

  readonly hasEnded = (): boolean => this.ended;

  /** Calls the listener when the session ends; the answer takes it away again. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private async user(): Promise<User | null> {
    const user = await this.manager.getUser();
    if (!user || (user.expires_in ?? 0) > RENEWED_BEFORE_SECONDS) return user;
    if (!user.refresh_token) return user.expired ? null : user;
    // One renewal for all requests that wait for it: an issuer may take a refresh token once only.
    this.renewal ??= this.renewed().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  private async renewed(): Promise<User | null> {
    try {
      return await this.manager.signinSilent();
    } catch (error) {
      // Without a network nothing is known; whatever else goes wrong, only a new sign-in helps.
      if (error instanceof TypeError || error instanceof ErrorTimeout) throw error;
      return null;
    }
  }
}

/** A token that is about to run out would not live through the request. */
const RENEWED_BEFORE_SECONDS = 30;

function claimsOf(token: string): Record<string, unknown> {
  const payload = token.split('.')[1] ?? '';
  const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}
