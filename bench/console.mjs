// What the console weighs and how fast it is, in headless Chromium on the running system.
//
//     make bench B=console [A="--jobs 100000 --repeats 5"]
//
// Prints gzip sizes of the first load and of each chunk; the time until the list of jobs can be used, with an empty and
// with a full cache; and the time to page through the list with so many jobs in the table. The jobs are written into the
// tenant `bench` of the system of FERRY_HOME, and stay there. Exit code 1 when the first load is over its limit.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const ROOT = resolve(import.meta.dirname, '..');
const HOME = resolve(process.env.FERRY_HOME ?? join(ROOT, '.ferry'));
const LIMIT_KB = 350;
const QUIET_MS = 500; // without a long task: then the page answers
const { values: asked } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100000' },
    repeats: { type: 'string', default: '5' },
    pages: { type: 'string', default: '20' },
  },
});

const { chromium } = createRequire(join(ROOT, 'console/package.json'))('@playwright/test');

function table(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  console.log(`\n${title}`);
  for (const row of rows) {
    console.log(
      '  ' +
        row
          .map((cell, at) => (at === 0 ? String(cell).padEnd(widths[at]) : String(cell).padStart(widths[at])))
          .join('  '),
    );
  }
}

const kB = (bytes) => (bytes / 1000).toFixed(1);

/** The files that the first page loads before anything is shown: its scripts and whatever they import statically. */
function firstLoad(dist) {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const found = new Set();
  const follow = (name) => {
    if (found.has(name)) return;
    found.add(name);
    const text = readFileSync(join(dist, 'assets', name), 'utf8');
    for (const [, next] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) follow(next);
  };
  for (const [, name] of html.matchAll(/(?:src|href)="\/assets\/([\w.-]+\.js)"/g)) follow(name);
  return found;
}

function sizes() {
  const dist = join(ROOT, 'console/dist');
  const first = firstLoad(dist);
  const files = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.js'));
  const weighed = files
    .map((name) => ({ name, bytes: gzipSync(readFileSync(join(dist, 'assets', name))).length }))
    .sort((a, b) => b.bytes - a.bytes);
  const total = weighed.filter(({ name }) => first.has(name)).reduce((all, { bytes }) => all + bytes, 0);
  table('JavaScript, gzipped', [
    ['chunk', 'kB', 'first load'],
    ...weighed.map(({ name, bytes }) => [name, kB(bytes), first.has(name) ? 'yes' : '']),
    [`first load (limit ${LIMIT_KB})`, kB(total), ''],
    ['all', kB(weighed.reduce((all, { bytes }) => all + bytes, 0)), ''],
  ]);
  return total <= LIMIT_KB * 1000;
}

async function signIn(page, url, { username, password }) {
  await page.goto(url);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.getByRole('banner').waitFor();
}

/** Milliseconds from the start of a navigation until rows are there and no long task follows. */
async function interactive(page, url) {
  await page.goto(url);
  await page.locator('tbody tr').first().waitFor();
  return page.evaluate(async (quiet) => {
    const shown = performance.now();
    let last = shown;
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) last = Math.max(last, startTime + duration);
    }).observe({ type: 'longtask', buffered: true });
    while (performance.now() < last + quiet) await new Promise((done) => setTimeout(done, 50));
    const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0;
    return { paint, ready: last };
  }, QUIET_MS);
}

const percentile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? 0;
const shown = (name, values) => [name, ...[0.5, 0.95].map((share) => percentile(values, share).toFixed(0))];

async function starts(page, url) {
  const session = await page.context().newCDPSession(page);
  const rows = [['to the list of jobs', 'p50 ms', 'p95 ms']];
  for (const [name, cacheDisabled] of [
    ['empty cache', true],
    ['full cache', false],
  ]) {
    await session.send('Network.setCacheDisabled', { cacheDisabled });
    const found = [];
    for (let at = 0; at < Number(asked.repeats); at += 1) found.push(await interactive(page, url));
    rows.push(
      shown(
        `first paint, ${name}`,
        found.map(({ paint }) => paint),
      ),
    );
    rows.push(
      shown(
        `interactive, ${name}`,
        found.map(({ ready }) => ready),
      ),
    );
  }
  table('Time to interactive', rows);
}

async function paging(page, url) {
  await page.goto(url);
  await page.locator('tbody tr').first().waitFor();
  const times = [];
  for (let at = 0; at < Number(asked.pages); at += 1) {
    const before = await page.locator('tbody tr').first().innerText();
    const began = performance.now();
    await page.getByRole('button', { name: /next page/i }).click();
    await page.waitForFunction(
      (text) => {
        const row = document.querySelector('tbody tr');
        return row && row.innerText !== text;
      },
      before,
      { polling: 10 },
    );
    times.push(performance.now() - began);
  }
  table(`Paging, ${asked.pages} pages`, [
    ['click to new rows', 'p50 ms', 'p95 ms'],
    shown('next page', times),
  ]);
}

const fits = sizes();
const { people } = JSON.parse(readFileSync(join(HOME, 'identities.json'), 'utf8'));
const { port } = JSON.parse(readFileSync(join(HOME, 'console.json'), 'utf8'));
const began = performance.now();
const count = execFileSync(
  join(ROOT, '.venv/bin/python'),
  ['-P', '-m', 'bench.api_load.running', asked.jobs],
  {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, FERRY_HOME: HOME, PYTHONPATH: `${ROOT}:${join(ROOT, 'src')}` },
  },
).trim();
console.log(
  `\n${count} jobs in the table (${((performance.now() - began) / 1000).toFixed(0)} s to write what was missing)`,
);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: 1360, height: 900 } });
const list = `http://localhost:${port}/t/bench/jobs`;
await signIn(page, list, people['platform-admin']);
await starts(page, list);
await paging(page, list);
await browser.close();
process.exitCode = fits ? 0 : 1;
