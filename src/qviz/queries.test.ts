import { expect, test } from 'vitest';
import { answersOf, SWEEP } from '../../tests/browser/report-tables.ts';
import { resolveDefinition } from './definition.ts';
import { firstQueries, nextQueries, quoted } from './queries.ts';

const EXPERIMENT = {
  name: "it's",
  description: '',
  params: {},
  objective: { metric: 'val/loss', goal: 'minimize', of: 'best' },
} as const;

test('a text literal ends only at its end', () => {
  expect(quoted("it's")).toBe("'it''s'");
});

test('the first round asks for the runs, their parameters and metrics, and the blocks’ own SQL', () => {
  const queries = firstQueries(
    resolveDefinition(
      {
        title: 'x',
        from: { where: 'duration_s > 1 -- long ones' },
        layout: [{ block: 'summary' }, { block: 'table', title: 't', sql: 'SELECT 1' }],
      },
      EXPERIMENT,
    ),
  );

  expect([...queries.keys()]).toEqual([
    'totals',
    'runs',
    'constants',
    'metrics',
    'failures',
    'block-1',
  ]);
  expect(queries.get('block-1')).toBe('SELECT 1');
  expect(queries.get('runs')).toContain(
    "experiment = 'it''s' AND (\nduration_s > 1 -- long ones\n)",
  );
});

test('`chosen` of a block’s own SQL are the runs of the report: the experiment, its condition, one code', () => {
  const sql = "SELECT * FROM Chosen WHERE status = 'failed' -- all\n;\n";
  const definition = resolveDefinition(
    {
      title: 'x',
      from: { where: 'seed = 0' },
      layout: [
        { block: 'table', title: 'a', sql },
        { block: 'table', title: 'b', sql: 'SELECT chosen_by FROM runs' },
      ],
    },
    { ...EXPERIMENT, code: { hash: 'c0de', isCited: true, otherRuns: 0 } },
  );

  const queries = firstQueries(definition);

  expect(queries.get('block-0')).toBe(
    "WITH chosen AS (SELECT * FROM runs WHERE experiment = 'it''s' AND code = 'c0de' AND (\nseed = 0\n))\nSELECT * FROM (\nSELECT * FROM Chosen WHERE status = 'failed' -- all\n)",
  );
  expect(queries.get('block-1')).toBe('SELECT chosen_by FROM runs');
});

test('the objective is the value of the curve that the definition names', () => {
  const ofBest = firstQueries(resolveDefinition(undefined, EXPERIMENT)).get('runs');
  const none = { name: 'x', description: '', params: {} };
  const ofNone = firstQueries(resolveDefinition(undefined, none)).get('runs');

  expect(ofBest).toContain('s.min AS objective');
  expect(ofBest).toContain(
    "FROM chosen r LEFT JOIN metrics_summary s ON s.run_id = r.run_id AND s.key = 'val/loss'",
  );
  expect(ofNone).toContain('NULL AS objective');
});

test('the second round asks for each curve once, in buckets, for the runs that are drawn', () => {
  const definition = resolveDefinition(
    {
      title: 'x',
      layout: [{ block: 'curves' }, { block: 'curves', metrics: ['val/loss', 'none'] }],
    },
    EXPERIMENT,
  );
  const answers = answersOf(definition, { ...SWEEP, configurations: 200 });

  const queries = nextQueries(definition, answers);

  expect([...queries.keys()]).toEqual([
    'curves 2 val/loss',
    'curves 2 val/accuracy',
    'curves 2 train/loss',
  ]);
  const members = queries.get('curves 2 val/loss')?.match(/\('run/g) ?? [];
  expect(members.length).toBeLessThanOrEqual(66 * 5);
  expect(members.length).toBeGreaterThan(50 * 5);
});
