// `make console-shots`: a picture of every view with what the running system really holds, in console/shots.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { test, type Page } from '@playwright/test';

import { openAs } from './signIn';
import { unique, upload } from './sftp';
import { system } from './system';
import { everyView, open, settled, type View } from './views';

const FOLDER = join(import.meta.dirname, '../shots');

test('screenshots of every view', async ({ page }) => {
  test.setTimeout(1_800_000);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  sendSomeFiles();
  await openAs(page, 'platform-admin');
  await page
    .getByRole('region', { name: 'Backlog' })
    .getByText('Nothing is open')
    .waitFor({ timeout: 300_000 });
  for await (const view of everyView(page, 'acme')) await shoot(page, view);
  for (const view of [...(await jobViews(page)), ...MORE]) await shoot(page, view);
});

const MORE: View[] = [
  { name: 'dashboard-7d', path: '/t/acme/?range=7d' },
  { name: 'choose-tenant', path: '/' },
];

/** Good ones, one that breaks its contract, and one that nobody expects. */
function sendSomeFiles(): void {
  const order = (id: number) => `${String(id)},SKU-${String(id)},${String(id % 7)}.50\n`;
  const name = unique('shots');
  upload('orders-inc', system.keyOf('orders-inc'), {
    [`files/${name}-1.txt`]: 'first\n',
    [`files/${name}-2.txt`]: 'second\n'.repeat(4000),
    [`orders/${name}-broken.csv`]: `wrong,columns\n${order(1)}${order(2)}`,
    [`misc/${name}.bin`]: 'no route takes this',
  });
}

/** One job of each kind of end, and one that the worker ran. */
async function jobViews(page: Page): Promise<View[]> {
  const found: View[] = [];
  for (const [name, query] of [
    ['job-succeeded', 'status=SUCCEEDED'],
    ['job-quarantined', 'status=QUARANTINED&route=orders'],
    ['job-unrouted', 'status=QUARANTINED&route=none'],
    ['job-worker', 'status=SUCCEEDED&route=exports'],
  ] as const) {
    const id = await firstJob(page, query);
    if (id) found.push({ name, path: `/t/acme/jobs/${id}/show` });
  }
  return found;
}

async function firstJob(page: Page, query: string): Promise<string | undefined> {
  return page.evaluate(async (text) => {
    const key = Object.keys(sessionStorage).find((each) => each.startsWith('oidc.user:')) ?? '';
    const { access_token: token } = JSON.parse(sessionStorage.getItem(key) ?? '{}') as {
      access_token: string;
    };
    const answer = await fetch(`/v1/tenants/acme/jobs?limit=1&${text}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { items } = (await answer.json()) as { items: { job_id: string }[] };
    return items[0]?.job_id;
  }, query);
}

/** Light, dark, and on a narrow screen. */
async function shoot(page: Page, { name, path }: View): Promise<void> {
  await open(page, path);
  for (const [suffix, colorScheme, width, height] of [
    ['light', 'light', 1360, 900],
    ['dark', 'dark', 1360, 900],
    ['narrow', 'light', 390, 844],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await settled(page);
    await page.screenshot({ path: join(FOLDER, `${name}-${suffix}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1360, height: 900 });
}
