import { expect, test } from '@playwright/test';

import { openAs, signIn } from './signIn';
import { menu, settled } from './views';

test('a viewer is offered nothing that changes anything', async ({ page }) => {
  await openAs(page, 'viewer', '/t/acme/jobs');
  await settled(page);
  await expect(page.getByRole('button', { name: /Act on all of these/ })).toHaveCount(0);
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  await page.getByRole('row').nth(1).click();
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await settled(page);
  for (const action of ['Replay', 'Retry', 'Redrive', 'Cancel', 'Release', 'Reject']) {
    await expect(page.getByRole('button', { name: action, exact: true })).toHaveCount(0);
  }
  for (const path of ['/t/acme/routes', '/t/acme/users', '/t/acme/destinations']) {
    await page.goto(path);
    await settled(page);
    await expect(page.locator('#main-content').getByRole('link', { name: /new|create/i })).toHaveCount(0);
  }
  const offered = await menu(page);
  for (const hidden of ['/audit', '/clients', '/platform', '/tenants', '/dead-letters']) {
    expect(offered.filter((path) => path.endsWith(hidden))).toEqual([]);
  }
});

for (const path of ['platform', 'audit', 'tenants', 'users/create', 'no-such-view']) {
  test(`a viewer who opens /${path} is told politely that it is not for them`, async ({ page }) => {
    await openAs(page, 'viewer', `/t/acme/${path}`);
    await expect(page.getByText(/your role does not open it|There is no such view/).first()).toBeVisible();
    await page.getByRole('link', { name: 'To the dashboard' }).click();
    await expect(page.getByRole('region', { name: 'Jobs ended' })).toBeVisible();
  });
}

test('another tenant is not shown to who has no role in it', async ({ page }) => {
  await signIn(page, 'operator', '/t/somebody-elses/jobs');
  await expect(page.getByText(/You have no role in the tenant/)).toBeVisible();
});

test('a deep link is where one comes to after signing in', async ({ page }) => {
  await openAs(page, 'viewer', '/t/acme/?range=30d&route=files');
  await expect(page).toHaveURL(/\/t\/acme\/\?range=30d&route=files$/);
  await expect(page.getByRole('button', { name: '30 days' })).toHaveAttribute('aria-pressed', 'true');
});

test('the dark theme is kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await openAs(page, 'viewer');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  await expect.poll(background).not.toBe(light);
  const dark = await background();
  await page.reload();
  await expect.poll(background).toBe(dark);
});
