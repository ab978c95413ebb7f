import { expect, test } from '@playwright/test';

import { openAs } from './signIn';
import { newKey, unique, upload } from './sftp';

test('from a new tenant to its first delivered file', async ({ page }) => {
  test.setTimeout(600_000);
  const tenant = unique('try');
  const user = `${tenant}-sender`;
  const key = newKey();

  await test.step('create the tenant', async () => {
    await openAs(page, 'platform-admin', '/t/acme/tenants/create');
    await page.getByLabel('Id', { exact: false }).first().fill(tenant);
    await page.getByLabel(/^Name/).fill('A new partner');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page).toHaveURL(new RegExp(`/tenants/${tenant}`));
  });

  await test.step('the new tenant’s dashboard says the first steps', async () => {
    await page.goto(`/t/${tenant}/`);
    const steps = page.getByRole('region', { name: 'First steps' });
    await expect(steps.getByRole('listitem')).toHaveCount(4);
    await steps.getByRole('link', { name: 'Create a user' }).click();
    await expect(page).toHaveURL(`/t/${tenant}/users/create`);
  });

  await test.step('create a user with a key', async () => {
    await page.getByRole('textbox', { name: /^Id/ }).fill(user);
    await page.getByRole('button', { name: 'Add key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Public key').fill(key.publicKey);
    await expect(dialog.getByText(/SHA256:/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Add to the form' }).click();
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page).toHaveURL(new RegExp(`/users/${user}`));
  });

  await test.step('create a destination', async () => {
    await page.goto(`/t/${tenant}/destinations/create`);
    await page.getByRole('textbox', { name: /^Id/ }).fill('bucket');
    await page.getByRole('radio', { name: /S3/ }).check();
    await page.getByRole('textbox', { name: /^Bucket/ }).fill('fileferry-partner-demo');
    await page.getByRole('textbox', { name: /^Prefix/ }).fill(`${tenant}/`);
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page).toHaveURL(/\/destinations\/bucket/);
  });

  await test.step('create a route', async () => {
    await page.goto(`/t/${tenant}/routes/create`);
    await page.getByRole('textbox', { name: /^Id/ }).fill('reports');
    await page.getByRole('textbox', { name: /^Glob/ }).fill('reports/*.txt');
    await page.getByRole('combobox', { name: /^Destinations/ }).fill('bucket');
    await page.getByRole('option', { name: 'bucket' }).click();
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page).toHaveURL(/\/routes\/reports/);
  });

  await test.step('send a file, and watch it through', async () => {
    upload(user, key.file, { 'reports/first.txt': 'a first report\n' });
    await page.goto(`/t/${tenant}/jobs`);
    const row = page.getByRole('row', { name: /first\.txt/ });
    await expect(row).toBeVisible({ timeout: 120_000 });
    await row.click();
    await expect(page.getByRole('heading', { name: 'first.txt', exact: true })).toBeVisible();
    await expect(page.getByText('Succeeded', { exact: true }).first()).toBeVisible({ timeout: 240_000 });
    await page.goto(`/t/${tenant}/`);
    await expect(page.getByRole('region', { name: 'Jobs ended' })).toContainText('1');
  });
});
