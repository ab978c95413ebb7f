import { UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';

import type { Config } from '../config';
import { identityOf, type Identity } from './roles';

/** Sign-in by OpenID Connect (authorization code with PKCE); tokens live in this tab only. */
export class Session {
  private readonly manager: UserManager;

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
      automaticSilentRenew: true,
      userStore: new WebStorageStateStore({ store: window.sessionStorage }),
      stateStore: new WebStorageStateStore({ store: window.sessionStorage }),
      ...(endpoints && {
        metadata: {
          issuer: config.issuer,
          authorization_endpoint: endpoints.authorization,
          token_endpoint: endpoints.token,
          end_session_endpoint: endpoints.logout,
        },
      }),
    });
  }

  /** Ends a sign-in that comes back from the issuer; the address to go on to, or undefined when none comes back. */
  async complete(): Promise<string | undefined> {
    const query = new URLSearchParams(window.location.search);
    if (!query.has('state') || !(query.has('code') || query.has('error'))) return undefined;
    const user = await this.manager.signinCallback();
    return typeof user?.state === 'string' ? user.state : '/';
  }

  /** Leaves the page for the issuer's; afterwards the viewer is at `to`. */
  async signIn(to: string): Promise<void> {
    await this.manager.signinRedirect({ state: to });
  }

  async signOut(): Promise<void> {
    const { clientId, endpoints } = this.config;
    await this.manager.removeUser();
    if (endpoints) {
      // Cognito's logout knows client_id and logout_uri where OpenID Connect has id_token_hint.
      const query = new URLSearchParams({ client_id: clientId, logout_uri: `${window.location.origin}/` });
      window.location.assign(`${endpoints.logout}?${query.toString()}`);
    } else {
      await this.manager.signoutRedirect();
    }
  }

  /** The token for the API, renewed when it has run out; undefined when nobody is signed in. */
  async token(): Promise<string | undefined> {
    return (await this.user())?.access_token;
  }

  async identity(): Promise<Identity | undefined> {
    const token = await this.token();
    return token === undefined ? undefined : identityOf(claimsOf(token), this.config.rolesClaim);
  }

  private async user(): Promise<User | null> {
    const user = await this.manager.getUser();
    if (!user?.expired) return user;
    if (!user.refresh_token) return null;
    return this.manager.signinSilent().catch(() => null);
  }
}

function claimsOf(token: string): Record<string, unknown> {
  const payload = token.split('.')[1] ?? '';
  const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}
