import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Listening, listen } from '../../src/server/listen.ts';
import { GOOD, HOSTILE, openServed, RUNNING, type Served } from '../helpers/served.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

const PAGES = {
  overview: '/?refresh=off',
  runs: '/runs',
  'runs that cannot be asked for': '/runs?where=nonsense',
  'a run': `/runs/${GOOD}`,
  'a hostile run': `/runs/${HOSTILE}`,
  'a running run': `/runs/${RUNNING}?refresh=off`,
  'an experiment': '/experiments/penguins',
  reports: '/reports',
  'a missing page': '/nowhere',
};

/** A skip is shown by name; where chromium is required, its absence is a failure. */
const isRequired = (process.env.LIGHTEX_REQUIRE ?? '').split(',').includes('chromium');
const isSkipped = !existsSync(CHROMIUM) && !isRequired;
const inBrowser = test.skipIf(isSkipped);

let served: Served;
let server: Listening;
let browser: Browser;

beforeAll(async () => {
  if (isSkipped) return;
  served = await openServed();
  server = await listen(served.app, '127.0.0.1', 0);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  served?.close();
});

inBrowser.each(Object.entries(PAGES))(
  '%s breaks no rule of accessibility or of its policy, and is no wider than the window: light and dark, 1400 and 420 px',
  async (_name, path) => {
    const { page, complaints, close } = await opened({});

    await page.goto(path);
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1400, 420]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
        const problems = violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
        const scrolls = await page.evaluate('document.documentElement.scrollWidth');

        expect({ colorScheme, problems, scrolls }).toEqual({
          colorScheme,
          problems: [],
          scrolls: width,
        });
      }
    }

    // The browser tells of each answer that is an error, and of nothing else.
    expect(complaints.filter((text) => !/status of (404|422)/.test(text))).toEqual([]);
    await close();
  },
);

inBrowser(
  'everything is there without JavaScript: one walks from the overview to the log by links',
  async () => {
    const { page, close } = await opened({ javaScriptEnabled: false });

    await page.goto('/');
    await page.getByRole('link', { name: '60', exact: true }).click();
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('1–50 of 60 runs');
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByLabel('Where').fill("params->>'$.lr' = '7'");
    await page.getByRole('button', { name: 'Filter' }).click();
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('1–1 of 1 run');
    await page.getByLabel('Experiment').selectOption('all');
    await page.getByLabel('Where').fill(`run_id = '${GOOD}'`);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: GOOD.slice(0, 8) }).click();
    expect(
      await page
        .getByRole('img', { name: /^Curve of loss/ })
        .locator('path')
        .count(),
    ).toBeGreaterThan(4);
    await page.getByRole('link', { name: 'the whole log' }).click();

    expect(await page.textContent('body')).toContain('line 300 ä');
    await close();
  },
);

inBrowser('a report has its own style under the server’s policy', async () => {
  const { page, complaints, close } = await opened({});

  await page.goto('/reports/penguins');

  expect(await page.locator('.kpis').evaluate((tiles) => tiles.clientLeft)).toBe(1);
  expect(complaints).toEqual([]);
  await close();
});

inBrowser('the end of a log is in view, and nothing that a run wrote is executed', async () => {
  const { page, close } = await opened({});
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => dialogs.push(dialog.message()));

  await page.goto(`/runs/${GOOD}`);
  const log = page.getByRole('region', { name: 'Last lines of the log' });
  const isAtEnd = await log.evaluate((box) => {
    const text = box.firstElementChild?.getBoundingClientRect();
    return text !== undefined && text.bottom <= box.getBoundingClientRect().bottom;
  });
  await page.goto(`/runs/${HOSTILE}`);

  expect(isAtEnd).toBe(true);
  expect(dialogs).toEqual([]);
  expect(await page.locator('script, main img').count()).toBe(0);
  await close();
});

async function opened(options: BrowserContextOptions) {
  const context = await browser.newContext({ baseURL: server.url, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints, close: () => context.close() };
}
