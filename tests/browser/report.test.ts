import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportFile } from '../../src/model/schema.generated.ts';
import { resolveDefinition } from '../../src/qviz/definition.ts';
import { buildReport } from '../../src/qviz/report.ts';
import { renderChart } from '../../src/qviz/vega/render.ts';
import { answersOf, SWEEP } from './report-tables.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

let browser: Browser;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lightex-report-'));
  file = join(folder, 'report.html');
  writeFileSync(file, (await built(12)).html);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the page loads itself and nothing else, and breaks no rule of its policy', async () => {
  const { page, requests, complaints, close } = await opened({});

  await page.locator('footer').scrollIntoViewIfNeeded();

  expect(requests).toEqual([pathToFileURL(file).href]);
  expect(complaints).toEqual([]);
  // Only the style whose hash the policy names can have made this border.
  expect(await page.locator('.kpis').evaluate((tiles) => tiles.clientLeft)).toBe(1);
  await close();
});

test('all charts and tables are there without JavaScript', async () => {
  const { page, close } = await opened({ javaScriptEnabled: false });

  expect(await page.locator('.plot svg').count()).toBe(6);
  expect(await page.getByRole('img').count()).toBe(6);
  expect(await page.getByRole('row', { name: 'succeeded' }).count()).toBeGreaterThan(50);
  expect(await page.locator('.error').count()).toBe(0);
  await close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1400, 420]) {
    test(`no accessibility rule is broken and nothing overflows: ${colorScheme}, ${width} px`, async () => {
      const { page, close } = await opened({ colorScheme, viewport: { width, height: 900 } });

      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      const scrolls = await page.evaluate('document.documentElement.scrollWidth');

      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      expect(scrolls).toBe(width);
      await close();
    });
  }
}

test.each([
  { configurations: 40, bytes: 600_000, ms: 2000 },
  { configurations: 400, bytes: 2_500_000, ms: 5000 },
])(
  '$configurations configurations of five seeds fit their budget',
  async ({ configurations, bytes, ms }) => {
    const { html, tookMs } = await built(configurations);

    expect(Buffer.byteLength(html)).toBeLessThan(bytes);
    expect(gzipSync(html).length).toBeLessThan(bytes / 4);
    expect(tookMs).toBeLessThan(ms);
  },
);

async function built(configurations: number): Promise<{ html: string; tookMs: number }> {
  const layout: ReportFile['layout'] = [
    { block: 'summary' },
    { block: 'best' },
    { block: 'curves' },
    { block: 'params' },
    { block: 'text', title: 'How to read this', text: 'Higher is better.' },
    {
      block: 'chart',
      title: 'Loss by learning rate',
      sql: 'SELECT …',
      alt: 'Bars of the mean loss by learning rate.',
      spec: {
        mark: 'bar',
        encoding: {
          x: { field: 'lr', type: 'nominal' },
          y: { field: 'loss', type: 'quantitative' },
        },
      },
    },
    { block: 'table', title: 'The same as a table', sql: 'SELECT …' },
    { block: 'diff' },
    { block: 'failures' },
    { block: 'runs' },
  ];
  const definition = resolveDefinition(
    { title: 'How small can the classifier be?', baseline: { lr: 0.3, 'model.hidden': 8 }, layout },
    {
      name: 'penguins',
      description: '',
      params: {},
      objective: { metric: 'val/accuracy', goal: 'maximize', of: 'last' },
    },
  );
  const answers = answersOf(definition, { ...SWEEP, configurations });
  const text = readFileSync(new URL('../../src/web/style.css', import.meta.url), 'utf8');
  // Processor time: other work on the machine does not count against the budget.
  const start = process.cpuUsage();
  const { html } = await buildReport(
    definition,
    answers,
    {
      generatorVersion: '0.1.0',
      commit: '7f3c9a1e52aabbccddee00112233445566778899',
      branch: 'main',
      committedAt: '2026-11-23T23:10:00.000Z',
      files: { experiment: 'experiments/penguins.jsonnet', report: 'reports/penguins.jsonnet' },
      reproduce: 'git checkout 7f3c9a1e52 && lightex report penguins',
      style: { text, sha256: createHash('sha256').update(text).digest('base64') },
    },
    renderChart,
  );
  const { user, system } = process.cpuUsage(start);
  return { html, tookMs: (user + system) / 1000 };
}

async function opened(options: BrowserContextOptions) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return { page, requests, complaints, close: () => context.close() };
}
