import type { components } from './schema';

/** A schema of the API's description by its name: `Answer<'Route'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];
