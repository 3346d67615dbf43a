import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/model/experiment.ts';
import type { QueryResult, RunQuery, RunStore } from '../../src/ports/store.ts';
import { aRunningRun, aSucceededRun } from '../helpers/builders.ts';
import { finished, LIMITS, NOTHING_READ, rowsOf } from '../helpers/store.ts';

export interface QueryUnderTest {
  readonly folder: string;
  readonly open: () => Promise<RunStore>;
  readonly query: RunQuery;
}

const errorOf = (result: QueryResult | undefined) =>
  result !== undefined && 'error' in result ? result.error : undefined;

async function publishOne(store: RunStore): Promise<void> {
  const run = aSucceededRun();
  await store.log(run, [{ metrics: { loss: 1 }, step: 0 }], NOTHING_READ);
  await store.publish([run], await store.finish([finished(run)]));
}

const REFUSED: readonly string[] = [
  "COPY (SELECT 1) TO '$STORE/x.parquet'",
  "COPY runs TO '$OUTSIDE/x.csv'",
  "EXPORT DATABASE '$STORE/export'",
  "ATTACH '$STORE/x.db'",
  "EXPLAIN ANALYZE COPY (SELECT 1) TO '$STORE/x.parquet'",
  'INSTALL httpfs',
  'LOAD httpfs',
  'SET threads = 1',
  'SET enable_external_access = true',
  'PRAGMA threads = 1',
  "CALL enable_logging(storage = 'file', storage_path = '$OUTSIDE/log')",
  "SELECT * FROM enable_logging(storage = 'file', storage_path = '$OUTSIDE/log')",
  "FROM query('SELECT * FROM enable_' || 'logging()')",
  'SUMMARIZE (FROM "enable_logging"())',
  'WITH x AS MATERIALIZED (FROM enable_profiling()) SELECT (SELECT count(*) FROM x)',
  "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
  'FROM checkpoint()',
  'PIVOT runs ON status USING count(*)',
  'CREATE TABLE x (a INTEGER)',
  'CREATE OR REPLACE VIEW runs AS SELECT 1',
  'DROP VIEW runs',
  'DELETE FROM store.superseded',
  'SELECT 1; SELECT 2',
  'SELECT 1; DROP VIEW runs',
  'PREPARE p AS SELECT 1',
  'SELECT $1',
  '',
  '-- nothing',
  "FROM read_csv('/etc/passwd')",
  "FROM read_text('/etc/passwd')",
  "FROM read_text('$STORE/../outside/secret.txt')",
  "FROM read_text('$STORE/link/secret.txt')",
  "FROM glob('$OUTSIDE/*')",
  "FROM sniff_csv('$OUTSIDE/secret.txt')",
  "FROM read_csv('https://example.org/x.csv')",
  "FROM read_parquet('s3://bucket/x.parquet')",
];

/** What every query must do; see src/ports/store.ts. */
export function runQueryContract(name: string, setUp: () => QueryUnderTest): void {
  describe(`${name} as a run query`, () => {
    test('a store that nobody wrote to has all views, without rows', async () => {
      const { query, folder } = setUp();
      const views = [
        'runs',
        'attempts',
        'params',
        'metrics',
        'metrics_summary',
        'artifacts',
        'events',
        'trials',
        'commits',
        'annotations',
      ];

      const results = await query.query(
        views.map((view) => `FROM ${view}`),
        LIMITS,
      );

      expect(results.map(rowsOf)).toEqual(views.map(() => []));
      expect(existsSync(folder)).toBe(false);
    });

    test.each<readonly [string, string, Json]>([
      ['BIGINT', '9007199254740991::BIGINT', 9007199254740991],
      ['BIGINT', '9007199254740993::BIGINT', '9007199254740993'],
      ['HUGEINT', 'sum(1)', 1],
      ['DOUBLE', "'nan'::DOUBLE", 'NaN'],
      ['FLOAT', "'-inf'::FLOAT", '-Infinity'],
      ['DECIMAL(5,2)', '1.50::DECIMAL(5,2)', 1.5],
      [
        'TIMESTAMP WITH TIME ZONE',
        "'2026-01-02 03:04:05.678+02'::TIMESTAMPTZ",
        '2026-01-02T01:04:05.678Z',
      ],
      ['TIMESTAMP', "'1969-12-31 23:59:59.9995'::TIMESTAMP", '1969-12-31T23:59:59.999'],
      ['DATE', "'2026-01-02'::DATE", '2026-01-02'],
      [
        'MAP(VARCHAR, DOUBLE)',
        "MAP {'a/b': 'nan'::DOUBLE, 'c': 1.5::DOUBLE}",
        { 'a/b': 'NaN', c: 1.5 },
      ],
      ['STRUCT("a" INTEGER, "j" VARCHAR)', "{'a': 1, 'j': '[1]'::JSON}", { a: 1, j: [1] }],
      ['BIGINT[]', '[1::BIGINT, NULL]', [1, null]],
      ['JSON', `'{"a": [null, 0.1]}'::JSON`, { a: [null, 0.1] }],
      ['BOOLEAN', 'true', true],
      ['VARCHAR', "'it''s'", "it's"],
      ['VARCHAR', 'NULL::VARCHAR', null],
    ])('a %s: %s', async (type, sql, value) => {
      const { query } = setUp();

      const [result] = await query.query([`SELECT ${sql} AS x`], LIMITS);

      expect(result).toEqual({
        table: { columns: [{ name: 'x', type }], rows: [[value]], truncated: false },
      });
    });

    test.each(REFUSED)('refused: %s', async (sql) => {
      const { query, open, folder } = setUp();
      const outside = join(folder, '..', 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'secret.txt'), 'a secret');
      await publishOne(await open());
      symlinkSync(outside, join(folder, 'link'));
      const before = readdirSync(folder, { recursive: true });

      const statement = sql.replaceAll('$STORE', folder).replaceAll('$OUTSIDE', outside);
      const [refused, after] = await query.query([statement, 'SELECT count(*) FROM runs'], LIMITS);

      expect(errorOf(refused)?.code).toBe('LTX_SQL_REFUSED');
      expect(rowsOf(after)).toEqual([[1]]);
      expect(readdirSync(folder, { recursive: true })).toEqual(before);
      expect(readdirSync(outside)).toEqual(['secret.txt']);
    });

    test('what reads as well as SELECT is allowed', async () => {
      const { query, open } = setUp();
      await publishOne(await open());

      const results = await query.query(
        [
          'FROM runs',
          'VALUES (1), (2)',
          'DESCRIBE runs',
          'SUMMARIZE metrics',
          'SHOW TABLES',
          'TABLE runs',
          "PIVOT runs ON status IN ('failed') USING count(*)",
          "SELECT * FROM range(3), json_each('[1]'), (SELECT unnest([1]))",
        ],
        LIMITS,
      );

      expect(results.filter((result) => 'error' in result)).toEqual([]);
    });

    test('a statement that fails says why, and costs only its own answer', async () => {
      const { query } = setUp();

      const [typo, unknown, syntax, fine] = await query.query(
        ['SELECT objektive FROM runs', 'SELECT * FROM rums', 'SELEC 1', 'SELECT 1'],
        LIMITS,
      );

      expect(errorOf(typo)).toMatchObject({
        code: 'LTX_SQL_FAILED',
        message: expect.stringContaining('"objective"'),
      });
      expect(errorOf(unknown)?.message).toContain(
        'The views are attempts, runs, params, metrics, ',
      );
      expect(errorOf(syntax)).toMatchObject({
        code: 'LTX_SQL_FAILED',
        message: expect.stringMatching(/^Parser Error/),
      });
      expect(rowsOf(fine)).toEqual([[1]]);
    });

    test('rows beyond the limit are left out, and the table says so', async () => {
      const { query } = setUp();

      const [more, all] = await query.query(['FROM range(1000000)', 'FROM range(10)'], {
        ...LIMITS,
        maxRows: 10,
      });

      expect(rowsOf(more)).toHaveLength(10);
      expect(more).toMatchObject({ table: { truncated: true } });
      expect(all).toMatchObject({ table: { truncated: false } });
    });

    test('a query that takes too long is stopped, what was answered before it counts, and the rest says why', async () => {
      const { query } = setUp();
      const start = performance.now();

      const [first, ...late] = await query.query(
        [
          'SELECT 1',
          'SELECT count(*) FROM range(100000000) a, range(1000000) b WHERE hash(a.range, b.range) = 0',
          'SELECT 2',
        ],
        { ...LIMITS, timeoutMs: 2_000 },
      );

      expect(rowsOf(first)).toEqual([[1]]);
      expect(late.map(errorOf)).toEqual(
        late.map(() => ({ code: 'LTX_SQL_LIMIT', message: 'the queries took longer than 2.0s' })),
      );
      expect(performance.now() - start).toBeLessThan(6_000);
    });

    test.each([
      'SELECT range(2000000000)[5]',
      "SELECT sum(length(repeat('x' || range, 100000))) FROM range(1000000)",
      'SELECT list(range) FROM range(1000000000)',
    ])('a query that eats memory costs only its own answer: %s', async (sql) => {
      const { query } = setUp();

      const [hungry, fine] = await query.query([sql, 'SELECT 1'], {
        ...LIMITS,
        memoryBytes: 512 * 2 ** 20,
      });

      if (hungry !== undefined && 'error' in hungry)
        expect(hungry.error).toMatchObject({
          code: 'LTX_SQL_LIMIT',
          message: expect.stringContaining('memory'),
        });
      expect(rowsOf(fine)).toEqual([[1]]);
    });

    test('an answer that is too large is refused by itself', async () => {
      const { query } = setUp();

      const [large, fine] = await query.query(
        ["SELECT repeat('x', 1000000) FROM range(100)", 'SELECT 1'],
        LIMITS,
      );

      expect(errorOf(large)).toMatchObject({
        code: 'LTX_SQL_LIMIT',
        message: expect.stringContaining('64 MiB'),
      });
      expect(rowsOf(fine)).toEqual([[1]]);
    });

    test('readers are right at every moment while runs are logged, finished and published', async () => {
      const { query, open } = setUp();
      const store = await open();
      let isDone = false;
      const write = async () => {
        for (let n = 0; n < 12; n += 1) {
          const id = String(n).padStart(16, '0');
          const running = aRunningRun({ id });
          await store.log(
            running,
            [{ metrics: { loss: 1 } }, { metrics: { loss: 2 } }],
            NOTHING_READ,
          );
          await store.showLive([running]);
          const ended = aSucceededRun({ id });
          await store.publish([ended], await store.finish([finished(ended)]));
          await store.showLive([]);
        }
        isDone = true;
      };
      const read = async () => {
        let seen = 0;
        while (!isDone) {
          const [result] = await query.query(
            ['SELECT count(*), count(DISTINCT run_id), (SELECT count(*) FROM metrics) FROM runs'],
            LIMITS,
          );
          const [runs = 0, ids, points] = (rowsOf(result)[0] ?? []).map(Number);
          expect([ids, points]).toEqual([runs, 2 * runs]);
          expect(runs).toBeGreaterThanOrEqual(seen);
          seen = runs;
        }
      };

      await Promise.all([write(), read()]);

      const [result] = await query.query(['SELECT count(*) FROM runs'], LIMITS);
      expect(rowsOf(result)).toEqual([[12]]);
    });

    test('docs/sql.md tells the columns of every view, and its queries run', async () => {
      const { query, open } = setUp();
      await publishOne(await open());
      const page = readFileSync('docs/sql.md', 'utf8');
      const sections = page.split(/^## /m).filter((section) => /^\| Column /m.test(section));
      const documented = sections.map((section) => ({
        view: section.slice(0, section.indexOf('\n')),
        columns: [...section.matchAll(/^\| ([a-z]\w*) +\| ([A-Z][^|]*?) *\|/gm)].map(
          ([, column, type]) => [column, type],
        ),
      }));
      const examples = [...page.matchAll(/^```sql\n(.*?)^```/gms)].map(([, sql = '']) => sql);

      const described = await query.query(
        documented.map(({ view }) => `DESCRIBE ${view}`),
        LIMITS,
      );
      const answers = await query.query(examples, LIMITS);

      expect(
        described.map((result) => rowsOf(result).map(([column, type]) => [column, type])),
      ).toEqual(documented.map(({ columns }) => columns));
      expect(examples.length).toBeGreaterThanOrEqual(6);
      expect(answers.map(errorOf)).toEqual(examples.map(() => undefined));
    });

    test('two thousand runs are asked in a moment', async () => {
      const { query, open } = setUp();
      const store = await open();
      for (let batch = 0; batch < 20; batch += 1) {
        const runs = Array.from({ length: 100 }, (_, i) =>
          aSucceededRun({ id: String(batch * 100 + i).padStart(16, '0') }),
        );
        await Promise.all(
          runs.map((run) => store.log(run, [{ metrics: { loss: Math.random() } }], NOTHING_READ)),
        );
        await store.publish(runs, await store.finish(runs.map((run) => finished(run))));
      }
      const start = performance.now();

      const results = await query.query(
        [
          'SELECT count(*), min(objective) FROM runs',
          'SELECT key, avg(last) FROM metrics_summary GROUP BY key',
          'SELECT count(*) FROM metrics',
        ],
        LIMITS,
      );

      expect(performance.now() - start).toBeLessThan(5_000);
      expect(rowsOf(results[2])).toEqual([[2_000]]);
    });
  });
}
