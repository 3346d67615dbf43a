import { expect, test } from 'vitest';
import { answersOf, SWEEP, type Sweep, table } from '../../tests/browser/report-tables.ts';
import type { ComparedCode } from '../model/compared-code.ts';
import type { Objective } from '../model/experiment.ts';
import type { ReportFile } from '../model/schema.generated.ts';
import type { Answer } from './answers.ts';
import { resolveDefinition } from './definition.ts';
import { buildReport, type ReportPage } from './report.ts';

const OBJECTIVE: Objective = { metric: 'val/loss', goal: 'minimize', of: 'last' };
const CONTEXT = {
  generatorVersion: '0.1.0',
  commit: '7f3c9a1e52aabbccddee00112233445566778899',
  branch: 'main',
  committedAt: '2026-11-23T23:10:00.000Z',
  files: { experiment: 'experiments/demo.jsonnet' },
  reproduce: 'lightex report demo',
  style: { text: '', sha256: '' },
};

interface Given {
  readonly sweep?: Partial<Sweep>;
  readonly file?: ReportFile;
  readonly objective?: Objective | undefined;
  readonly code?: ComparedCode;
  readonly answers?: readonly (readonly [string, Answer])[];
}

/** The page of a small sweep, its charts reduced to their ids. */
async function page(given: Given): Promise<string> {
  return (await build(given)).html;
}

function build(given: Given): Promise<ReportPage> {
  const objective = 'objective' in given ? given.objective : OBJECTIVE;
  const definition = resolveDefinition(given.file, {
    name: 'demo',
    description: 'Which one?',
    params: {},
    ...(objective === undefined ? {} : { objective }),
    ...(given.code && { code: given.code }),
  });
  const answers = answersOf(definition, { ...SWEEP, configurations: 6, steps: 20, ...given.sweep });
  for (const [name, answer] of given.answers ?? []) answers.set(name, answer);
  return buildReport(definition, answers, CONTEXT, (_, id) =>
    Promise.resolve(`<svg id="${id}"></svg>`),
  );
}

test('the default layout has all blocks and no error', async () => {
  const html = await page({});

  expect(html.match(/<h2[^>]*>([^<]*)/g)).toHaveLength(6);
  expect(html).toContain('± one sample standard deviation');
  expect(html).not.toContain('could not be made');
  expect(html).not.toContain('<script');
  expect(html).not.toMatch(/ style="/);
});

test('without runs the page says so', async () => {
  const html = await page({ sweep: { configurations: 0 } });

  expect(html).toContain('There are no runs yet.');
  expect(html).toContain('No run has logged a metric yet.');
  expect(html).not.toContain('could not be made');
});

test('with running runs only there are curves and no ranking', async () => {
  const html = await page({ sweep: { status: () => 'running' } });

  expect(html).toContain('has succeeded with a value of <code>val/loss</code> yet: 30 running');
  expect(html).toContain('id="block-2-0"');
});

test('with failures only the page says why', async () => {
  const html = await page({ sweep: { status: () => 'failed' } });

  expect(html).toContain('out of memory');
  expect(html).toContain('nothing to compare yet');
});

test('without an objective nothing is ranked, and the page says how to get one', async () => {
  const html = await page({ objective: undefined });

  expect(html).toContain('declares no objective');
  expect(html).toContain('<code>objective: { metric, goal }</code>');
  expect(html).not.toContain('could not be made');
});

test('one configuration has nothing that varies', async () => {
  const html = await page({ sweep: { configurations: 1 } });

  expect(html).toContain('No parameter varies between the configurations.');
  expect(html).toContain('<small>in 1 configuration</small>');
});

test('a metric without a finite value is named with what it has', async () => {
  const names = 'key points runs steps first_step last_step lowest highest nonfinite';
  const facts = ['val/loss', 30, 30, 1, 0, 0, null, null, 30];
  const html = await page({
    answers: [
      ['metrics', table(names.split(' '), [facts])],
      ['curves 1 val/loss', table(['g'], [])],
    ],
  });

  expect(html).toContain('No finite value: 30 points NaN or infinite.');
});

test('a run that succeeded after NaNs is counted by its finite values, and the page says so', async () => {
  const names = ['run_id', 'status', 'params', 'objective', 'nonfinite'];
  const html = await page({
    answers: [['runs', table(names, [['run00000', 'succeeded', { lr: '0.1' }, 0.5, 3]])]],
  });

  expect(html).toContain('1 succeeded run also logged NaN or infinite values of it');
});

test('what runs wrote is escaped', async () => {
  const html = await page({ sweep: { configurations: 12 } });

  expect(html).toContain('RuntimeError: &lt;b&gt;out of memory&lt;/b&gt; &amp; &quot;killed&quot;');
  expect(html).not.toContain('<b>out of memory');
});

test('a block that fails shows its code, and the others go on', async () => {
  const error = { code: 'LTX_SQL_FAILED', message: 'no table <x>' } as const;
  const { html, problems } = await build({
    file: {
      title: 't',
      layout: [
        { block: 'table', title: 'Broken', sql: 'SELECT x' },
        { block: 'chart', title: 'Refused', sql: 'SELECT 1', alt: 'a', spec: { mark: 'image' } },
        { block: 'text', text: 'One.\n\nTwo.' },
      ],
    },
    answers: [['block-0', { error }]],
  });

  expect(html).toContain(
    '<strong>Block 1 (table) could not be made</strong> <code>LTX_SQL_FAILED</code>',
  );
  expect(html).toContain('<pre>no table &lt;x&gt;</pre>');
  expect(html).toContain(
    '<strong>Block 2 (chart) could not be made</strong> <code>LTX_REPORT_INVALID</code>',
  );
  expect(html).toContain('<p>One.</p><p>Two.</p>');
  expect(problems).toEqual([
    'Block 1 (table): LTX_SQL_FAILED: no table <x>',
    expect.stringMatching(/^Block 2 \(chart\): LTX_REPORT_INVALID: spec: "mark": "image"/),
  ]);
});

test.each<[string, ComparedCode, string | undefined]>([
  [
    'other code than the commit’s, because that has not run',
    { hash: 'a', isCited: false, otherRuns: 18 },
    'the code that ran last: this commit&#39;s own has not run; 18 runs of other code left out',
  ],
  [
    'the commit’s code, with other runs left out',
    { hash: 'a', isCited: true, otherRuns: 1 },
    'this commit&#39;s code; 1 run of other code left out',
  ],
  ['the only code there is', { hash: 'a', isCited: true, otherRuns: 0 }, undefined],
])('the head of the page says that its runs are of %s', async (_, code, words) => {
  const html = await page({ code });

  if (words === undefined) expect(html).not.toContain('<dt>Runs of</dt>');
  else expect(html).toContain(`<dt>Runs of</dt><dd>${words}</dd>`);
});

test('a count in a sentence is never broken in two, and cells of a table are written short', async () => {
  const html = await page({
    file: { title: 't', layout: [{ block: 'summary' }, { block: 'table', title: 'x', sql: 'x' }] },
    answers: [['block-1', table(['a', 'b'], [[0.05, 'c']])]],
  });

  expect(html).toContain('(n\u00a0=\u00a05)');
  expect(html).toContain('<th scope="row" class="num">0.05</th>');
});

test('an error in the report’s own condition is shown above everything', async () => {
  const error = { code: 'LTX_SQL_FAILED', message: 'no column "durations"' } as const;
  const { html, problems } = await build({ answers: [['runs', { error }]] });

  expect(html).toContain('1 query of this report (runs) could not be made');
  expect(problems).toEqual(['query runs: LTX_SQL_FAILED: no column "durations"']);
});

test('of many runs the table shows some and counts all', async () => {
  const html = await page({ sweep: { configurations: 120, seeds: 5, metrics: [] } });

  expect(html).toContain('500 of 600 runs, the best configuration first.');
});
