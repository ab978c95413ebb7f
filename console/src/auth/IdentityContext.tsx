import { createContext, useContext, type ReactNode } from 'react';

import { may, type Identity, type OperationId } from './roles';

interface Who {
  identity: Identity;
  tenant: string;
}

const Context = createContext<Who | undefined>(undefined);

export function IdentityProvider({ identity, tenant, children }: Who & { children: ReactNode }) {
  return <Context.Provider value={{ identity, tenant }}>{children}</Context.Provider>;
}

function useWho(): Who {
  const who = useContext(Context);
  if (!who) throw new Error('outside of IdentityProvider');
  return who;
}

/** The tenant whose records are shown. */
export function useTenant(): string {
  return useWho().tenant;
}

export function useIdentity(): Identity {
  return useWho().identity;
}

/** Whether the viewer may perform an operation in the tenant that is shown. */
export function useMay(): (operation: OperationId) => boolean {
  const { identity, tenant } = useWho();
  return (operation) => may(identity, tenant, operation);
}
