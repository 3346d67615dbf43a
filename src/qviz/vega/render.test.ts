import { expect, test } from 'vitest';
import { answersOf, SWEEP } from '../../../tests/browser/report-tables.ts';
import type { JsonObject } from '../../model/experiment.ts';
import { curveChart } from '../charts.ts';
import { resolveDefinition } from '../definition.ts';
import { buildReport } from '../report.ts';
import { completeChart } from '../user-chart.ts';
import { renderChart } from './render.ts';

const GOLDEN = '../../../tests/golden/report';

/** The author's spec over two rows, rendered. */
function drawn(spec: JsonObject): Promise<string> {
  const columns = ['name', 'value'].map((name) => ({ name, type: '' }));
  const rows = [
    ['<b title="x">', 1.23456],
    ['javascript:alert(1)', 2],
  ];
  return renderChart(completeChart(spec, { columns, rows, truncated: false }).spec, 'c7');
}

const BARS = {
  mark: { type: 'bar', clip: true },
  encoding: {
    x: { field: 'name', type: 'nominal' },
    y: { field: 'value', type: 'quantitative' },
  },
};

test('a chart is SVG with variables as colours, ids of its own and one decimal', async () => {
  const svg = await drawn(BARS);

  expect(svg).toMatch(/^<svg aria-hidden="true"/);
  expect(svg).toContain('var(--s1)');
  expect(svg).toContain('id="c7-0"');
  expect(svg).not.toMatch(/ style=| role=| aria-label=/);
  expect(svg.match(/ d="[^"]*\.\d\d/)).toBeNull();
});

test.each<[string, readonly [number, number], readonly string[]]>([
  ['tens', [0, 50], ['0', '10', '20', '30', '40', '50']],
  ['thousands', [0, 2000], ['0', '500', '1k', '1.5k', '2k']],
  ['thousandths', [0, 0.002], ['0', '0.0005', '0.001', '0.0015', '0.002']],
  ['the tiny', [0, 2e-6], ['0', '5e-7', '1e-6', '1.5e-6', '2e-6']],
  ['the negative', [-1, 0], ['−1', '−0.8', '−0.6', '−0.4', '−0.2', '0']],
])('the axes of a curve are labelled for people: %s', async (_, [low, high], labels) => {
  const points = [low, high].map((y) => ({ x: y, mean: y, sd: undefined, low: y, high: y }));
  const curve = { group: 0, runs: 1, logged: 2, points };

  const svg = await renderChart(curveChart([curve], false, { width: 390, height: 260 }), 'c');

  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text);
  expect(texts).toEqual([...labels, ...labels]);
});

test('long names beside a chart are cut at their limit, and its title stands before them', async () => {
  const spec = {
    mark: 'bar',
    transform: [{ calculate: `datum.name + '${'x'.repeat(120)}'`, as: 'long' }],
    encoding: { y: { field: 'long', type: 'nominal', title: 'T' } },
  };

  const svg = await drawn(spec);

  const [, title] = svg.match(/translate\((-[\d.]+),[^>]*rotate\(-90\)[^>]*>T</) ?? [];
  expect(svg).toContain('x…</text>');
  expect(Number(title)).toBeLessThan(-420);
  expect(Number(title)).toBeGreaterThan(-460);
});

test('text of the data is escaped, and a link of the data leads nowhere unless it is one', async () => {
  const svg = await drawn({
    ...BARS,
    encoding: { ...BARS.encoding, href: { field: 'name' } },
  });

  expect(svg).toContain('&lt;b title');
  expect(svg).not.toContain('<b');
  expect(svg).not.toContain('="javascript:');
});

test.each<[string, JsonObject]>([
  [
    'no encoding channel of a wrong shape',
    { mark: 'bar', encoding: { x: { field: 'a', type: 1 } } },
  ],
  ['an expression that cannot be parsed', { ...BARS, transform: [{ filter: 'datum.value >' }] }],
])('refused: %s', async (_, spec) => {
  await expect(drawn(spec)).rejects.toMatchObject({ code: 'LTX_REPORT_INVALID' });
});

test('the same answers give the same page, byte for byte', async () => {
  const definition = resolveDefinition(
    {
      title: 'Two learning rates',
      question: 'Which is better?',
      baseline: { lr: 0.1 },
      layout: [
        { block: 'summary' },
        { block: 'best' },
        { block: 'curves', metrics: ['val/loss', 'val/f1'], points: 10 },
        { block: 'params' },
        { block: 'text', title: 'Reading', text: 'Lower is better.' },
        { block: 'table', title: 'Loss by rate', sql: 'SELECT …' },
        { block: 'chart', title: 'Bars', sql: 'SELECT …', alt: 'Loss by rate.', spec: CHART },
        { block: 'diff' },
        { block: 'failures' },
        { block: 'runs' },
      ],
    },
    {
      name: 'penguins',
      description: '',
      params: {},
      objective: { metric: 'val/loss', goal: 'minimize', of: 'last' },
    },
  );
  const sweep = { ...SWEEP, configurations: 8, seeds: 2, steps: 30, metrics: ['val/loss'] };
  const answers = answersOf(definition, {
    ...sweep,
    status: (run) => (run === 13 ? 'failed' : run === 15 ? 'running' : 'succeeded'),
  });

  const [first, second] = [
    await buildReport(definition, answers, CONTEXT, renderChart),
    await buildReport(definition, answers, CONTEXT, renderChart),
  ];

  expect(first.html).toBe(second.html);
  await expect(first.html).toMatchFileSnapshot(`${GOLDEN}/sweep.html`);
});

const CHART = {
  mark: 'bar',
  encoding: {
    x: { field: 'lr', type: 'ordinal', sort: null },
    y: { field: 'loss', type: 'quantitative' },
  },
};

const CONTEXT = {
  generatorVersion: '0.0.0',
  commit: '7f3c9a1e52aabbccddee00112233445566778899',
  branch: 'main',
  committedAt: '2026-11-23T23:10:00.000Z',
  files: { experiment: 'experiments/penguins.jsonnet', report: 'reports/penguins.jsonnet' },
  reproduce: 'git checkout 7f3c9a1e52 && lightex report penguins',
  style: { text: 'body{}', sha256: 'fixed' },
};
