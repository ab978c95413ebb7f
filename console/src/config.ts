/** What the deployment says about itself: `/config.json`, written by whoever serves the console. */
export interface Config {
  /** Origin of the API; empty where it has the console's own. */
  apiUrl: string;
  /** `iss` of the tokens. */
  issuer: string;
  clientId: string;
  /** Scopes that are asked for. */
  scope: string;
  /** The claim of the access token that lists roles. */
  rolesClaim: string;
  /** Endpoints of the issuer; without them they are discovered. */
  endpoints?: { authorization: string; token: string; logout: string; revocation?: string };
  /** Where AWS's own consoles are, if they know this system. */
  region?: string;
  awsConsole?: string;
  logGroups?: Record<string, string>;
}

/** Reads the configuration. Throws an Error that says what is wrong with the deployment. */
export async function readConfig(): Promise<Config> {
  const answer = await fetch('/config.json', { cache: 'no-store' });
  if (!answer.ok) {
    throw new Error(`/config.json cannot be read (${String(answer.status)}): deploy the console anew.`);
  }
  return (await answer.json()) as Config;
}
