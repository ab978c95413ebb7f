// `make console-shots`: a picture of every view with what the running system really holds, in console/shots.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { test, type Page } from '@playwright/test';

import { openAs, sessionOf } from './signIn';
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
  await addRecords(page);
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
    if (id && name === 'job-quarantined')
      found.push({ name: 'quarantine-violations', path: `/t/acme/quarantine/${id}/show` });
  }
  return found;
}

async function firstJob(page: Page, query: string): Promise<string | undefined> {
  const { items } = (await called(page, 'GET', `jobs?limit=1&${query}`)) as { items: { job_id: string }[] };
  return items[0]?.job_id;
}

/** What the demo has none of. A record that is there from an earlier time is left as it is. */
async function addRecords(page: Page): Promise<void> {
  const user = 'Acme files <files@acme.example>';
  const bank = { id: 'bank', description: 'Files from and to the bank.' };
  const made = (await called(page, 'POST', 'key-rings', bank)) as { id?: string };
  if (made.id)
    await called(page, 'POST', 'key-rings/bank/keys', { generate: { user_id: user }, label: 'Acme 2026' });
  await called(page, 'POST', 'expectations', {
    id: 'daily-orders',
    description: 'Orders of the day before, by six.',
    glob: 'orders/*.csv',
    schedule: { kind: 'daily', at: '06:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
    time_zone: 'Europe/Berlin',
    window_minutes: 360,
  });
  await called(page, 'POST', 'subscriptions', {
    id: 'billing',
    description: 'Failures, for the billing system.',
    target: { kind: 'sqs', queue_arn: 'arn:aws:sqs:eu-central-1:111122223333:billing' },
    filter: { statuses: ['FAILED', 'QUARANTINED'] },
  });
}

/** A request of the API with the viewer's own token. */
async function called(page: Page, method: string, path: string, body?: object): Promise<unknown> {
  const { user } = await sessionOf(page);
  const answer = await page.request.fetch(`/v1/tenants/acme/${path}`, {
    method,
    headers: { authorization: `Bearer ${user.access_token}` },
    data: body,
  });
  return (await answer.json()) as unknown;
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
