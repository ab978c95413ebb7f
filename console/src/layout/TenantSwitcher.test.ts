import { describe, expect, it } from 'vitest';

import { sameView } from './TenantSwitcher';
import { store, storeOf } from './store';

describe('another tenant', () => {
  it('is opened at the same view, not at the same record', () => {
    expect(sameView('/t/acme/jobs/01abc/show', 'zen')).toBe('/t/zen/jobs');
    expect(sameView('/t/acme/', 'zen')).toBe('/t/zen/');
  });

  it('has filters of its own, and the theme of all', () => {
    storeOf('acme').setItem('jobs.listParams', { filter: { status: 'FAILED' } });
    storeOf('acme').setItem('theme', 'dark');
    expect(storeOf('zen').getItem('jobs.listParams')).toBeUndefined();
    expect(storeOf('zen').getItem('theme')).toBe('dark');
    expect(store.getItem('theme')).toBe('dark');
  });
});
