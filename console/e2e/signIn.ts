import { expect, type Page } from '@playwright/test';

import { system, type PersonName } from './system';

/** Opens an address of the console as somebody, through the issuer's login page. */
export async function openAs(page: Page, who: PersonName, path = '/t/acme/'): Promise<void> {
  await signIn(page, who, path);
  await expect(page.getByRole('banner')).toBeVisible();
}

export async function signIn(page: Page, who: PersonName, path: string): Promise<void> {
  const { username, password } = system.people[who];
  await page.goto(path);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL((url) => url.origin === new URL(system.url).origin && !url.searchParams.has('code'));
}

interface Session {
  key: string;
  user: { access_token: string; expires_at: number };
}

/** Where the tab keeps who is signed in, and what it keeps. */
export async function sessionOf(page: Page): Promise<Session> {
  return page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((each) => each.startsWith('oidc.user:')) ?? '';
    return { key, user: JSON.parse(sessionStorage.getItem(key) ?? '{}') as Session['user'] };
  });
}
