import polyglotI18nProvider from 'ra-i18n-polyglot';
import english from 'ra-language-english';

function resource(one: string, many: string) {
  return { name: `${one} |||| ${many}` };
}

/** react-admin's own texts, and where ours are plainer. */
const texts = {
  ...english,
  ra: {
    ...english.ra,
    auth: { ...english.ra.auth, logout: 'Sign out', user_menu: 'You' },
    action: { ...english.ra.action, toggle_theme: 'Switch between light and dark' },
    page: { ...english.ra.page, empty: 'No %{name} yet', invite: 'Do you want to add one?' },
    navigation: {
      ...english.ra.navigation,
      skip_nav: 'Skip to content',
      // Listings of the API have no count.
      partial_page_range_info: '%{offsetBegin}–%{offsetEnd}',
    },
    notification: {
      ...english.ra.notification,
      http_error: 'The API did not answer as expected',
      offline: 'You are offline, and what you ask for has not been read before',
    },
  },
  resources: {
    jobs: resource('Job', 'Jobs'),
    quarantine: resource('Quarantined file', 'Quarantine'),
    'bulk-actions': resource('Bulk action', 'Bulk actions'),
    routes: resource('Route', 'Routes'),
    destinations: resource('Destination', 'Destinations'),
    users: resource('User', 'Users'),
    'key-rings': resource('Key ring', 'Key rings'),
    expectations: resource('Expectation', 'Expectations'),
    subscriptions: resource('Subscription', 'Subscriptions'),
    clients: resource('Client', 'Clients'),
    explain: resource('Explanation', 'Explain'),
    workflows: resource('Workflow', 'Workflows'),
    audit: resource('Audit entry', 'Audit'),
    platform: resource('Platform', 'Platform'),
    tenants: resource('Tenant', 'Tenants'),
    'dead-letters': resource('Dead letter', 'Dead letters'),
  },
};

export const i18nProvider = polyglotI18nProvider(() => texts, 'en', [{ locale: 'en', name: 'English' }], {
  allowMissing: true,
});
