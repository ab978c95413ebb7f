import { useSearchParams } from 'react-router-dom';

export const TABS = { form: 'Form', json: 'JSON', revisions: 'Revisions', 'dry-run': 'Dry run' } as const;
export type TabName = keyof typeof TABS;

/** The part of a route that is shown, kept in the address. */
export function useRouteTab(): [TabName, (tab: TabName) => void] {
  const [query, setQuery] = useSearchParams();
  const asked = query.get('tab') ?? '';
  const tab = asked in TABS ? (asked as TabName) : 'form';
  return [tab, (to) => setQuery(to === 'form' ? {} : { tab: to }, { replace: true })];
}
