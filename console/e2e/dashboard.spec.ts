import { expect, test, type Page } from '@playwright/test';

import { openAs } from './signIn';
import { unique, upload } from './sftp';
import { system } from './system';

function tile(page: Page, name: string) {
  return page.getByRole('region', { name, exact: true });
}

test.describe('the dashboard', () => {
  test('counts a file that got through, and one that did not, with a way to it', async ({ page }) => {
    await openAs(page, 'viewer');
    const ended = Number(await tile(page, 'Jobs ended').locator('p').innerText());
    const name = unique('counted');
    upload('orders-inc', system.keyOf('orders-inc'), {
      [`files/${name}.txt`]: 'through\n',
      [`nowhere/${name}.bin`]: 'no route takes this',
    });
    await expect
      .poll(async () => Number(await tile(page, 'Jobs ended').locator('p').innerText()), { timeout: 120_000 })
      .toBeGreaterThanOrEqual(ended + 2);
    const failures = page.getByRole('region', { name: 'Recent failures' });
    await failures.getByRole('link', { name: `${name}.bin` }).click();
    await expect(page).toHaveURL(/\/t\/acme\/jobs\/j[a-z0-9]+/);
  });

  test('keeps range and route in the address, and goes back with the browser', async ({ page }) => {
    await openAs(page, 'viewer', '/t/acme/?range=7d&route=files');
    await expect(page.getByRole('button', { name: '7 days' })).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('combobox', { name: 'Route' })).toHaveText('files');
    await page.getByRole('button', { name: '30 days' }).click();
    await expect(page).toHaveURL(/range=30d/);
    await page.goBack();
    await expect(page.getByRole('button', { name: '7 days' })).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('button', { name: 'Custom' }).click();
    await page.getByRole('textbox', { name: 'From' }).fill('2030-01-01T00:00');
    await expect(page.getByText('The begin must be before the end.')).toBeVisible();
  });

  test('tells a chart’s numbers in a table', async ({ page }) => {
    await openAs(page, 'viewer', '/t/acme/?range=7d');
    await page.getByRole('button', { name: 'Jobs per day (UTC): show as table' }).click();
    const table = page.getByRole('region', { name: 'Jobs per day (UTC): numbers' });
    await expect(table.getByRole('row')).toHaveCount(8);
    await expect(table.getByRole('columnheader', { name: 'Succeeded' })).toBeVisible();
  });

  test('asks nothing while its tab is hidden', async ({ page }) => {
    await openAs(page, 'viewer');
    await expect(tile(page, 'Backlog')).toBeVisible();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await expect.poll(() => asked.filter((url) => url.includes('/statistics')).length).toBeGreaterThan(0);
    await hide(page, true);
    await page.waitForLoadState('networkidle');
    const before = asked.length;
    await page.waitForTimeout(25_000);
    expect(asked.length).toBe(before);
    await hide(page, false);
    await expect.poll(() => asked.length).toBeGreaterThan(before);
  });
});

/** What a browser tells a page whose tab goes to the back: headless ones have no tabs to choose among. */
async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    },
    hidden ? 'hidden' : 'visible',
  );
}
