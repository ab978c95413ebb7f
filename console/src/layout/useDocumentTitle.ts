import { useEffect } from 'react';

import { NO_TENANT } from './views';

/** Keeps the tab's title as the bar's, which every view sets: `Jobs · acme · Fileferry`. */
export function useDocumentTitle(tenant: string): void {
  useEffect(() => {
    const place = document.getElementById('react-admin-title');
    if (!place) return;
    const write = () => {
      const parts = [place.textContent?.trim(), tenant === NO_TENANT ? '' : tenant, 'Fileferry'];
      document.title = parts.filter(Boolean).join(' · ');
    };
    const observer = new MutationObserver(write);
    observer.observe(place, { childList: true, characterData: true, subtree: true });
    write();
    return () => observer.disconnect();
  }, [tenant]);
}
