import { localStorageStore } from 'react-admin';

/** What the viewer chose about the console itself: theme, columns, saved filters. Nothing of it is a secret. */
export const store = localStorageStore('1', 'fileferry');
