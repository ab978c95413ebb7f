import { expect, test, type Page } from '@playwright/test';

import { openAs } from './signIn';
import { unique, upload } from './sftp';
import { system } from './system';

const USER = 'orders-inc';
const LONG = 240_000;

test('a file that breaks its contract is quarantined, and released', async ({ page }) => {
  test.setTimeout(600_000);
  const name = `${unique('broken')}.csv`;
  upload(USER, system.keyOf(USER), { [`orders/${name}`]: 'these,columns\nare,not the order contract’s\n' });
  await openAs(page, 'operator', '/t/acme/quarantine');
  await find(page, name).click({ timeout: LONG });
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
  await expect(page.getByText(/contract|column/i).first()).toBeVisible();
  await page.getByRole('button', { name: 'Show the file’s lines' }).click();
  await expect(page.getByText('these,columns')).toBeVisible();
  await page.getByRole('button', { name: 'Release', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: /Accept the violations/ }).check();
  await expect(dialog.getByRole('button', { name: 'Release' })).toBeDisabled();
  await dialog.getByLabel('Comment').fill('The partner asked for it.');
  await dialog.getByRole('button', { name: 'Release' }).click();
  await expect(dialog).toBeHidden();
  await page.goto(`/t/acme/jobs?filter=${encodeURIComponent(JSON.stringify({ filename: name }))}`);
  await find(page, name).click();
  await expect(page.getByRole('tab', { name: /^Run 2/ })).toBeVisible();
  await expect(page.getByRole('tab', { name: /^Run 2.*(Succeeded|Failed|Quarantined)/ })).toBeVisible({
    timeout: LONG,
  });
});

test('a job is replayed', async ({ page }) => {
  test.setTimeout(600_000);
  const name = `${unique('again')}.txt`;
  upload(USER, system.keyOf(USER), { [`files/${name}`]: `${name}\n` });
  await openAs(page, 'operator', '/t/acme/jobs');
  await find(page, name).click({ timeout: LONG });
  await page.getByRole('button', { name: 'Replay', exact: true }).click({ timeout: LONG });
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /As it is today/ }).check();
  await dialog.getByLabel('Comment').fill('The partner lost it.');
  await dialog.getByRole('button', { name: 'Replay' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('tab', { name: /Run 2 · replay · Succeeded/ })).toBeVisible({ timeout: LONG });
});

test('many jobs are replayed after a plan that does nothing', async ({ page }) => {
  test.setTimeout(900_000);
  const stem = unique('many');
  upload(USER, system.keyOf(USER), {
    [`files/${stem}-1.txt`]: `${stem} 1\n`,
    [`files/${stem}-2.txt`]: `${stem} 2\n`,
  });
  await openAs(
    page,
    'operator',
    `/t/acme/jobs?filter=${encodeURIComponent(JSON.stringify({ filename: stem }))}`,
  );
  for (const number of [1, 2]) {
    const row = page.getByRole('row', { name: new RegExp(`Succeeded.*${stem}-${String(number)}`) });
    await expect(row).toBeVisible({ timeout: LONG });
  }
  await page.getByRole('button', { name: /Act on all of these/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Action' }).click();
  await page.getByRole('option', { name: 'Replay' }).click();
  await dialog.getByRole('button', { name: 'Plan' }).click();
  await expect(page.getByText(/possible for 2.*Nothing has happened yet/)).toBeVisible({ timeout: LONG });
  await page.getByRole('button', { name: 'Run the plan' }).click();
  await page.getByRole('button', { name: 'Replay 2 jobs' }).click();
  await expect(page.getByText(/2 done, 0 failed, 0 skipped of 2/)).toBeVisible({ timeout: LONG });
});

test('a file name is explained', async ({ page }) => {
  await openAs(page, 'operator', '/t/acme/explain');
  await page.getByRole('combobox', { name: 'User' }).fill(USER);
  await page.getByRole('textbox', { name: /^File/ }).fill('/orders/2026-11.csv');
  await page.getByRole('button', { name: 'Explain' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Becomes a job' })).toBeVisible();
  await page.getByRole('textbox', { name: /^File/ }).fill('/nowhere/x.bin');
  await page.getByRole('button', { name: 'Explain' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Is quarantined' })).toBeVisible();
});

function find(page: Page, name: string) {
  return page.getByRole('row').filter({ hasText: name }).getByText(name, { exact: true });
}
