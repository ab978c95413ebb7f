import type { Page } from '@playwright/test';

/** A view of the console as it was found and opened. */
export interface View {
  name: string;
  path: string;
}

/** Until what was asked for is shown: nothing loads, and no skeleton stands for it. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  const loading = page
    .locator('#main-content')
    .locator('.MuiSkeleton-root, [role="progressbar"]:not([aria-valuenow]), .RaLoading-root');
  await loading.first().waitFor({ state: 'hidden', timeout: 30_000 });
  await page.waitForTimeout(300);
}

/** The addresses of the menu, as far as it is offered to who is signed in. */
export async function menu(page: Page): Promise<string[]> {
  await page.getByRole('menuitem').first().waitFor();
  const links = await page
    .getByRole('menuitem')
    .evaluateAll((all) =>
      all.map((each) => each.getAttribute('href') ?? each.querySelector('a')?.getAttribute('href') ?? ''),
    );
  return [...new Set(links.filter(Boolean))];
}

/**
 * Opens every view of a tenant, found as a person would: each entry of the menu, the form for a new record where one is
 * offered, and the first record of each list.
 */
export async function* everyView(page: Page, tenant: string): AsyncGenerator<View> {
  for (const path of await menu(page)) {
    const name = path.replace(`/t/${tenant}`, '').replaceAll('/', '') || 'dashboard';
    await open(page, path);
    const create = await addressOf(page, '#main-content a[href$="/create"]');
    yield { name, path };
    const one = await firstRecord(page, path);
    if (one) yield { name: `${name}-one`, path: one };
    if (create) {
      await open(page, create);
      yield { name: `${name}-new`, path: create };
    }
  }
}

export async function open(page: Page, path: string): Promise<void> {
  if (new URL(page.url()).pathname !== path) await page.goto(path);
  await settled(page);
}

async function addressOf(page: Page, link: string): Promise<string | undefined> {
  const found = page.locator(link).first();
  return (await found.isVisible()) ? ((await found.getAttribute('href')) ?? undefined) : undefined;
}

async function firstRecord(page: Page, path: string): Promise<string | undefined> {
  if (name(path) === 'dashboard') return undefined;
  const cell = page.locator('#main-content tbody tr td:not(:has(input, button))').first();
  if (!(await cell.isVisible())) return undefined;
  await cell.click();
  await page.waitForTimeout(500);
  await settled(page);
  const { pathname } = new URL(page.url());
  return pathname.startsWith(path) && pathname !== path ? pathname : undefined;
}

function name(path: string): string {
  return path.replace(/^\/t\/[^/]+\/?/, '') || 'dashboard';
}
