import { createContext, useContext, type ReactNode } from 'react';

import type { Config } from '../config';

const Context = createContext<Config | undefined>(undefined);

export function ConfigProvider({ config, children }: { config: Config; children: ReactNode }) {
  return <Context.Provider value={config}>{children}</Context.Provider>;
}

export function useConfig(): Config {
  const config = useContext(Context);
  if (!config) throw new Error('outside of ConfigProvider');
  return config;
}
