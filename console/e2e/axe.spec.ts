import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

import { openAs } from './signIn';
import { allViews, settled } from './views';

const SERIOUS = ['serious', 'critical'];

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious in any view, ${scheme}`, async ({ page }) => {
    test.setTimeout(900_000);
    await page.emulateMedia({ colorScheme: scheme });
    await openAs(page, 'platform-admin');
    const views = await allViews(page, 'acme');
    expect(views.length).toBeGreaterThan(5);
    const found: string[] = [];
    for (const { name, path } of views) {
      await page.goto(path);
      await settled(page);
      found.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
    }
    expect(found).toEqual([]);
  });
}

test('every view fits a narrow screen without scrolling sideways', async ({ page }) => {
  test.setTimeout(900_000);
  await openAs(page, 'platform-admin');
  const views = await allViews(page, 'acme');
  await page.setViewportSize({ width: 390, height: 844 });
  const wide: string[] = [];
  for (const { name, path } of views) {
    await page.goto(path);
    await settled(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 390) wide.push(`${name}: ${String(width)} px`);
  }
  expect(wide).toEqual([]);
});

async function violations(page: Page): Promise<string[]> {
  const { violations: all } = await new AxeBuilder({ page }).analyze();
  return all
    .filter(({ impact }) => SERIOUS.includes(impact ?? ''))
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html.slice(0, 120))
          .slice(0, 3)
          .join(' | ')}`,
    );
}
