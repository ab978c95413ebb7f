import { localStorageStore, type Store } from 'react-admin';

/** What the viewer chose about the console itself. Nothing of it is a secret. */
export const store = localStorageStore('1', 'fileferry');

const SHARED = new Set(['theme', 'sidebar.open', 'locale']);

/** The store of one tenant's views: filters and pages of one tenant mean nothing in another. */
export function storeOf(tenant: string): Store {
  const own = (key: string) => (SHARED.has(key) ? key : `${tenant}/${key}`);
  return {
    ...store,
    getItem: (key, otherwise) => store.getItem(own(key), otherwise),
    setItem: (key, value) => store.setItem(own(key), value),
    removeItem: (key) => store.removeItem(own(key)),
    removeItems: (prefix) => store.removeItems(own(prefix)),
    subscribe: (key, listener) => store.subscribe(own(key), listener),
  };
}
