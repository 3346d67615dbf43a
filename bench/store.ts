/** Numbers of the store: `npx tsc -p tsconfig.json && npx tsx bench/store.ts [runs]`. Rows and points as in docs/sql.md. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/platform/clock.ts';
import { openRunQuery } from '../src/store/disk/query.ts';
import { openRunStore } from '../src/store/disk/run-store.ts';
import { aSucceededRun } from '../tests/helpers/builders.ts';

const BATCH = 50;
const METRICS = 10;
const STEPS = 100;
const LIMITS = { maxRows: 1_000, timeoutMs: 60_000, memoryBytes: 2 ** 30 };

const runs = Number(process.argv[2] ?? 2_000);
const folder = mkdtempSync(join(tmpdir(), 'lightex-bench-'));
const store = await openRunStore(folder, 'bench', systemClock);
const state = { offsets: [], invalidLines: 0 };
let [logMs, finishMs, publishMs] = [0, 0, 0];

for (let first = 0; first < runs; first += BATCH) {
  const batch = Array.from({ length: BATCH }, (_, i) =>
    aSucceededRun({
      id: String(first + i).padStart(16, '0'),
      trial: { experiment: `e${first % 20}` },
    }),
  );
  logMs += await timed(() => Promise.all(batch.map((run) => store.log(run, points(), state))));
  let files: readonly string[] = [];
  finishMs += await timed(async () => {
    files = await store.finish(
      batch.map((run) => ({ run, events: [], outputs: [], artifactFiles: [] })),
    );
  });
  publishMs += await timed(() => store.publish(batch, files));
  if (first + BATCH === 100)
    say(`finish of 100 runs (two batches, with the start of the process)`, finishMs);
}
say(`log of ${runs} runs`, logMs);
say(`finish of ${runs} runs`, finishMs);
say(`publish of ${runs} runs`, publishMs);
await store.close();

const query = openRunQuery(folder);
for (const sql of [
  'SELECT 1',
  'SELECT count(*) FROM runs',
  "SELECT run_id, objective FROM runs WHERE params->>'lr' = '0.1' ORDER BY queued_at DESC LIMIT 100",
  'SELECT experiment, min(objective) FROM runs GROUP BY experiment',
  'SELECT key, avg(last) FROM metrics_summary GROUP BY key',
  "SELECT step, avg(value) FROM metrics WHERE key = 'm0' GROUP BY step ORDER BY step",
  'SELECT count(*) FROM metrics',
])
  say(sql, await timed(() => query.query([sql], LIMITS)));
rmSync(folder, { recursive: true });

function points() {
  return Array.from({ length: STEPS }, (_, step) => ({
    step,
    metrics: Object.fromEntries(
      Array.from({ length: METRICS }, (_, m) => [
        m === 0 ? 'loss' : `m${m}`,
        Math.fround(Math.random()),
      ]),
    ),
  }));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function say(what: string, ms: number): void {
  process.stdout.write(`${ms.toFixed(0).padStart(7)} ms  ${what}\n`);
}
