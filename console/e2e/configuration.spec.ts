import { expect, test, type Page } from '@playwright/test';

import { unique } from './sftp';
import { openAs, sessionOf } from './signIn';
import { settled } from './views';

const text = (page: Page, name: string | RegExp) => page.getByRole('textbox', { name });

test('a change of a route is drafted, compared and activated', async ({ page }) => {
  const why = unique('Files first');
  await openAs(page, 'tenant-admin', '/t/acme/routes/files');
  const priority = page.getByRole('spinbutton', { name: /^Priority/ });
  const other = (await priority.inputValue()) === '70' ? '71' : '70';
  await priority.fill(other);
  await text(page, /^Why this change/).fill(why);
  await page.getByRole('button', { name: 'Save as draft' }).click();
  const row = page.getByRole('row', { name: new RegExp(why) });
  await expect(row).toContainText('Draft');
  await expect(page.getByRole('region', { name: /^Revision \d+ → Revision \d+/ })).toContainText(other);
  await row.getByRole('button', { name: 'Activate' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Activate/ })
    .click();
  await expect(row).toContainText('Active');
  await page.goto('/t/acme/routes/files');
  await expect(priority).toHaveValue(other);
});

test('what is wrong with a route stands at its field, and nothing is saved', async ({ page }) => {
  await openAs(page, 'tenant-admin', '/t/acme/routes/files');
  await text(page, /^Regex/).fill('(unclosed');
  await page.getByRole('button', { name: 'Save and activate' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Not saved' })).toContainText(/regex/i);
  const asked = page.waitForEvent('dialog');
  const left = page.getByRole('menuitem', { name: 'Routes' }).click();
  const question = await asked;
  expect(question.message()).toMatch(/changes|leave/i);
  await question.dismiss();
  await left;
  await expect(page).toHaveURL(/\/routes\/files/);
  await expect(text(page, /^Regex/)).toHaveValue('(unclosed');
});

test('of two who change a destination the second sees what the first has changed', async ({
  page,
  context,
}) => {
  const path = '/t/acme/destinations/partner-bucket';
  await openAs(page, 'tenant-admin', path);
  await text(page, /^Description/).fill(unique('mine'));
  const second = await context.newPage();
  await openAs(second, 'tenant-admin', path);
  const theirs = unique('theirs');
  await text(second, /^Description/).fill(theirs);
  await second.getByRole('button', { name: 'Save' }).click();
  await expect(second.getByRole('button', { name: 'Save' })).toBeDisabled();
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Somebody else has changed this meanwhile');
  await expect(dialog).toContainText(theirs);
  await dialog.getByRole('button', { name: /^Reload/ }).click();
  await expect(text(page, /^Description/)).toHaveValue(theirs);
});

test('a connection is tested step by step', async ({ page }) => {
  await openAs(page, 'tenant-admin', '/t/acme/destinations/partner-sftp');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  const result = page.getByRole('region', { name: 'Connection test' });
  await expect(result).toContainText(/host key/i);
  await expect(result).toContainText(/write/i);
  await expect(result.getByText(/fail/i)).toHaveCount(0);
});

test('a key is made in a new ring, and its certificate shown', async ({ page }) => {
  const ring = unique('ring');
  await openAs(page, 'tenant-admin', '/t/acme/key-rings/create');
  await text(page, /^Id/).fill(ring);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('button', { name: 'Add key' }).click();
  const dialog = page.getByRole('dialog');
  await text(page, 'User id').fill('Acme files <files@acme.example>');
  await dialog.getByRole('button', { name: 'Generate' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Can ', { exact: false })).toContainText('decrypt');
  await page.getByRole('button', { name: 'Certificate' }).click();
  await expect(page.getByText('BEGIN PGP PUBLIC KEY BLOCK')).toBeVisible();
});

test('an expectation is made, and shows its windows', async ({ page }) => {
  const id = unique('daily');
  await openAs(page, 'tenant-admin', '/t/acme/expectations/create');
  await text(page, /^Id/).fill(id);
  await text(page, /^Glob/).fill('orders/*.csv');
  await text(page, /^Deadline/).fill('06:00');
  await page.getByRole('spinbutton', { name: /^Window/ }).fill('60');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page).toHaveURL(new RegExp(`/expectations/${id}`));
  await expect(page.getByRole('region', { name: /windows/i }).first()).toBeVisible();
});

test('a new subscription tells its secret once, and what it was told', async ({ page }) => {
  const id = unique('hook');
  await openAs(page, 'tenant-admin', '/t/acme/subscriptions/create');
  await text(page, /^Id/).fill(id);
  await text(page, /^URL/).fill('https://receiver.invalid/events');
  await page.getByRole('button', { name: 'Create' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It is shown only now');
  await expect(dialog.locator('code')).toHaveText(/^\S{20,}$/);
  await dialog.getByRole('button', { name: 'I have it' }).click();
  await expect(page).toHaveURL(new RegExp(`/subscriptions/${id}`));
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText(/look for event/)).toBeVisible();
  await expect(page.getByRole('table', { name: 'Delivery log' })).toContainText('receiver.invalid');
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(page).toHaveURL(/\/subscriptions$/);
});

test('a machine gets a role', async ({ page }) => {
  const id = unique('machine');
  await openAs(page, 'tenant-admin', '/t/acme/clients/create');
  await text(page, /^Id/).first().fill(id);
  await text(page, /^Principal/).fill(`arn:aws:iam::000000000000:role/${id}`);
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page).toHaveURL(new RegExp(`/clients/${id}`));
  await page.goto('/t/acme/audit');
  await expect(page.getByRole('row', { name: /Create client/ }).first()).toBeVisible();
});

test('a workflow is drawn, and its versions compared', async ({ page }) => {
  await openAs(page, 'viewer', '/t/acme/workflows');
  await page.getByRole('link', { name: 'transfer/v1' }).click();
  await settled(page);
  await expect(page.getByText('Validate', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('CloseRun', { exact: true }).first()).toBeVisible();
});

test('a token that runs out is renewed without a word', async ({ page }) => {
  await openAs(page, 'viewer');
  const { key, user } = await sessionOf(page);
  await page.evaluate(
    ([name, text]) => {
      sessionStorage.setItem(name, text);
    },
    [key, JSON.stringify({ ...user, expires_at: 1 })] as const,
  );
  await page.reload();
  await expect(page.getByRole('region', { name: 'Jobs ended' })).toBeVisible();
  expect((await sessionOf(page)).user.access_token).not.toBe(user.access_token);
});
