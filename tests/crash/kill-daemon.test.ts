import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliJson } from '../helpers/cli.ts';
import { killedWhen, linesIn, namesIn, onceToEnd, publishedAttempts } from '../helpers/daemon.ts';
import { jobsOf } from '../helpers/processes.ts';
import { randomFrom } from '../helpers/random.ts';
import { shellExperiment, study } from '../helpers/study.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

const TRIALS = 60;
const KILLS = 10;

/** Notes in `$LEDGER` when it starts and ends, logs a point, takes 50 to 140 ms. */
const NOTING_SCRIPT = `echo "start $LIGHTEX_RUN_ID $LIGHTEX_ATTEMPT" >> "$LEDGER"
echo "{\\"metrics\\": {\\"score\\": $1}, \\"step\\": 1}" >> "$LIGHTEX_LOG"
sleep "0.$(printf %02d $((5 + $1 % 10)))"
echo "end $LIGHTEX_RUN_ID $LIGHTEX_ATTEMPT" >> "$LEDGER"
`;

function notingStudy(trials: number) {
  const ledger = join(temporaryFolder(), 'ledger');
  const { folder } = study({
    'run.sh': NOTING_SCRIPT,
    'experiments/probe.jsonnet': shellExperiment(
      'probe',
      `matrix: { x: std.range(1, ${trials}) }, seeds: [], env: { LEDGER: '${ledger}' }`,
    ),
  });
  return { folder, ledger };
}

interface Start {
  readonly run: string;
  readonly attempt: number;
}

function startsIn(ledger: string): readonly Start[] {
  return linesIn(ledger)
    .map((line) => line.split(' '))
    .filter(([what]) => what === 'start')
    .map(([, run = '', attempt]) => ({ run, attempt: Number(attempt) }));
}

/** Everything that must be true of a workspace where all runs of a push have succeeded, whatever happened on the way. */
async function expectAllDoneOnce(folder: string, ledger: string, trials: number): Promise<void> {
  const rows = await cliJson<object[]>(
    folder,
    'sql',
    'SELECT status, count(*) AS runs, count(DISTINCT run_id) AS different FROM runs GROUP BY ALL',
  );
  expect(rows).toEqual([{ status: 'succeeded', runs: trials, different: trials }]);
  const points = await cliJson<object[]>(
    folder,
    'sql',
    'SELECT count(*) AS points, count(DISTINCT run_id) AS runs FROM metrics',
  );
  expect(points).toEqual([{ points: trials, runs: trials }]);
  expect(jobsOf(folder)).toEqual([]);
  expect(await cliJson(folder, 'ps')).toEqual([]);

  const published = publishedAttempts(folder);
  const successes = published.filter(({ status }) => status === 'succeeded');
  expect(new Set(successes.map(({ runId }) => runId)).size).toBe(trials);
  expect(successes).toHaveLength(trials);
  const attempts = published.map(({ runId, attempt }) => `${runId} ${attempt}`);
  expect(new Set(attempts).size).toBe(attempts.length);

  const starts = startsIn(ledger);
  expect(new Set(starts.map(({ run }) => run)).size).toBe(trials);
  const last = new Map<string, number>();
  for (const { run, attempt } of starts) {
    expect(attempt, `attempts of ${run} only grow`).toBeGreaterThan(last.get(run) ?? 0);
    last.set(run, attempt);
  }
}

test(`${KILLS} kills of the daemon among ${TRIALS} runs cost no run, no point, and nothing twice`, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 100_000);
  const random = randomFrom(seed);
  const { folder, ledger } = notingStudy(TRIALS);
  try {
    let kills = 0;
    while (kills < KILLS) {
      const from = linesIn(ledger).length;
      const left = TRIALS * 2 - from;
      const lines = from + 1 + Math.floor((random() * left) / (KILLS - kills + 1));
      if (!(await killedWhen(folder, () => linesIn(ledger).length >= lines))) break;
      kills += 1;
    }
    await onceToEnd(folder);

    expect(kills).toBeGreaterThanOrEqual(KILLS - 2);
    await expectAllDoneOnce(folder, ledger, TRIALS);
  } catch (cause) {
    throw new Error(`with SEED=${seed}: ${cause}`, { cause });
  }
});

const runnerFile = (folder: string, name: string) => join(folder, '.lightex/runners/local', name);
const journal = (folder: string) => linesIn(runnerFile(folder, 'journal/journal.jsonl'));
const store = (folder: string, name: string) => join(folder, '.lightex/store', name);

test.each<[moment: string, holds: (folder: string, ledger: string) => boolean]>([
  ['its mirror is there', (folder) => existsSync(join(folder, '.lightex/mirror.git'))],
  [
    'the commit was seen',
    (folder) => journal(folder).some((line) => line.includes('"type":"ref-seen"')),
  ],
  [
    'runs are claimed',
    (folder) => journal(folder).some((line) => line.includes('"type":"claimed"')),
  ],
  ['the first attempt has a folder', (folder) => existsSync(join(folder, '.lightex/attempts'))],
  [
    'the first job has ended',
    (folder) => journal(folder).some((line) => line.includes('"type":"exited"')),
  ],
  ['the first Parquet file is there', (folder) => namesIn(store(folder, 'runs')).length > 0],
  [
    'the first run is collected',
    (folder) => journal(folder).some((line) => line.includes('"type":"collected"')),
  ],
  [
    'the first manifest is there',
    (folder) =>
      namesIn(store(folder, 'manifest')).some(
        (one) => namesIn(store(folder, `manifest/${one}`)).length > 0,
      ),
  ],
])('a daemon killed when %s is followed by one that ends all runs once', async (_, holds) => {
  const { folder, ledger } = notingStudy(4);

  const isKilled = await killedWhen(folder, () => holds(folder, ledger));
  await onceToEnd(folder);

  expect(isKilled).toBe(true);
  await expectAllDoneOnce(folder, ledger, 4);
});
