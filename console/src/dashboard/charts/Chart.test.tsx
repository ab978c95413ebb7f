import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeAll, expect, it } from 'vitest';

import { Chart } from './Chart';
import { secondsTop, wholeTop } from './scale';

beforeAll(() => {
  // jsdom lays nothing out.
  globalThis.ResizeObserver = class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
});

it('shows the same numbers as a table', async () => {
  render(
    <Chart
      title="Jobs per hour"
      summary="3 jobs ended"
      kind="columns"
      labels={['10', '11']}
      names={['10 o’clock', '11 o’clock']}
      series={[{ name: 'Succeeded', color: 'green', values: [3, null] }]}
      format={String}
      top={wholeTop}
    />,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Jobs per hour: show as table' }));
  const table = screen.getByRole('table');
  const row = within(table).getByRole('row', { name: '10 o’clock 3' });
  expect(row).toBeVisible();
  expect(within(table).getByRole('row', { name: '11 o’clock –' })).toBeVisible();
});

it('ends axes with numbers that can be halved', () => {
  expect([0, 1, 3, 11, 120].map(wholeTop)).toEqual([2, 2, 6, 20, 200]);
  expect([0, 0.3, 7, 61, 4000].map(secondsTop)).toEqual([0.1, 0.5, 10, 120, 7200]);
});
