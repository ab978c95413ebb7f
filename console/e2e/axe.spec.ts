import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

import { openAs } from './signIn';
import { everyView } from './views';

const SERIOUS = ['serious', 'critical'];
const WIDE = { width: 1360, height: 900 };
const NARROW = { width: 390, height: 844 };

test('no view has anything that axe calls serious, light or dark, or is wider than a narrow screen', async ({
  page,
}) => {
  test.setTimeout(1_200_000);
  const found: string[] = [];
  let views = 0;
  await openAs(page, 'platform-admin');
  for await (const { name } of everyView(page, 'acme')) {
    views += 1;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await recoloured(page, colorScheme);
      found.push(...(await violations(page)).map((each) => `${name}, ${colorScheme}: ${each}`));
    }
    await page.setViewportSize(NARROW);
    if (!(await fits(page))) found.push(`${name}: wider than ${String(NARROW.width)} px`);
    await page.setViewportSize(WIDE);
  }
  expect(views).toBeGreaterThan(20);
  expect(found).toEqual([]);
});

/** Until all is drawn in the scheme's colours: in the middle of a transition there is no contrast to speak of. */
async function recoloured(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.waitForFunction(
    (dark) => {
      const [red = 0, green = 0, blue = 0] =
        getComputedStyle(document.body).backgroundColor.match(/\d+/g)?.map(Number) ?? [];
      const moving = document
        .getAnimations()
        .some((each) => each instanceof CSSTransition && each.playState === 'running');
      return !moving && red + green + blue < 384 === dark;
    },
    scheme === 'dark',
    { timeout: 10_000 },
  );
}

/** Once what moves when the screen gets narrow has come to rest. */
function fits(page: Page): Promise<boolean> {
  return page
    .waitForFunction((width) => document.documentElement.scrollWidth <= width, NARROW.width, {
      timeout: 3_000,
    })
    .then(
      () => true,
      () => false,
    );
}

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
