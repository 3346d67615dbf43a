import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import { openSite, type Site } from '../../src/app/pages-site.ts';
import { attemptPlaces } from '../../src/dispatcher/executors/attempt-folder.ts';
import type { LogRecord } from '../../src/model/event.ts';
import type { CommitSha, UnixMs } from '../../src/model/experiment.ts';
import type { Run } from '../../src/model/run.ts';
import type { Clock } from '../../src/ports/system.ts';
import { makeApp } from '../../src/server/app.ts';
import { type DiskRunStore, openRunStore } from '../../src/store/disk/run-store.ts';
import { aRunningRun, aSucceededRun } from './builders.ts';
import { finished, NOTHING_READ, presentClock } from './store.ts';
import { testRepository, writeFiles } from './temporary.ts';

/** Ids of the runs that have something of their own; sixty more are of the experiment `many`. */
export const GOOD = 'goodgoodgoodgood';
export const HOSTILE = 'hostilehostile22';
export const RUNNING = 'runningrunning22';
export const STALE = 'stalestalestale2';

/** What the hostile run says, everywhere where it can. */
export const SCRIPT = '<script>alert(1)</script>';
export const HOSTILE_LOG = `\u001b[31mred\u001b[0m </pre>${SCRIPT}\n10%\r20%\r\nfine\n`;

/** Three hundred lines, which the page cuts. */
export const LONG_LOG = Array.from({ length: 300 }, (_, i) => `line ${i + 1} ä\n`).join('');

export interface Served {
  readonly app: Express;
  readonly site: Site;
  /** What the server told of as its own faults. */
  readonly told: unknown[];
  close(): void;
}

/** A served workspace with a history, hostile in places. Close it when all tests of the file are done. */
export async function openServed(): Promise<Served> {
  const base = mkdtempSync(join(tmpdir(), 'lightex-served-'));
  const { folder } = testRepository({ 'lightex.jsonnet': '{}', '.gitignore': '.lightex/\n' }, base);
  const site = await openSite(folder);
  await writeHistory(site, base);
  writeFiles(site.workspace.site, { 'penguins.html': report(site) });
  const told: unknown[] = [];
  const app = makeApp(site, {
    host: '127.0.0.1',
    version: '0.1.0',
    tell: (cause) => told.push(cause),
  });
  return { app, site, told, close: () => rmSync(base, { recursive: true, force: true }) };
}

/** A page as the report writes it: with its style, which its policy names by the hash. */
function report({ style }: Site): string {
  const sha256 = createHash('sha256').update(style.text).digest('base64');
  return readFileSync('tests/golden/report/sweep.html', 'utf8')
    .replace('sha256-fixed', `sha256-${sha256}`)
    .replace(/<style>[\s\S]*?<\/style>/, () => `<style>${style.text}</style>`);
}

async function writeHistory(site: Site, base: string): Promise<void> {
  const store = await openRunStore(site.store, 'lab1-0001', presentClock);
  await publish(store, base, [good(), hostile(), ...many()]);
  const running = aRunningRun({ id: RUNNING });
  await store.log(running, [...curve(20), { progress: 0.4 }], NOTHING_READ);
  await store.showLive([running]);
  await store.close();
  const { output } = attemptPlaces(site.workspace.attempts, RUNNING, 1);
  writeFiles('/', { [output]: 'step 1\nstep 2\n' });
  const twoMinutesAgo: Clock = { ...presentClock, now: () => (Date.now() - 120_000) as UnixMs };
  const silent = await openRunStore(site.store, 'lab2-0002', twoMinutesAgo);
  await silent.showLive([aRunningRun({ id: STALE, runner: 'lab2' })]);
  await silent.close();
}

interface Story {
  readonly run: Run;
  readonly log: string;
  readonly records: readonly LogRecord[];
  readonly files: Readonly<Record<string, string>>;
}

function good(): Story {
  return {
    run: aSucceededRun({ id: GOOD }),
    log: LONG_LOG,
    records: curve(250),
    files: { 'model.bin': 'weights', 'dir/a <b>.html': SCRIPT },
  };
}

function hostile(): Story {
  const run = aSucceededRun({
    id: HOSTILE,
    status: 'failed',
    reason: 'exit',
    exit: { kind: 'exited', code: 3 },
    exitMessage: `exit code 3: ${SCRIPT}`,
    trial: { label: `note=${SCRIPT}`, spec: { params: { note: SCRIPT, lr: 1 } } },
    origin: {
      commit: 'e'.repeat(40) as CommitSha,
      message: SCRIPT,
      branch: `"><img src=x onerror=alert(1)>`,
      author: SCRIPT,
    },
  });
  const records: LogRecord[] = [
    { metrics: { [SCRIPT]: 1, loss: Number.NaN }, step: 1 },
    { artifact: { path: '../../../../../etc/passwd', name: SCRIPT } },
  ];
  return { run, log: HOSTILE_LOG, records, files: { [`${SCRIPT.replace('/', '')}.txt`]: 'x' } };
}

function many(): readonly Story[] {
  return Array.from({ length: 60 }, (_, i) => ({
    run: aSucceededRun({
      id: `many${String(i).padStart(12, 'a')}`,
      trial: { experiment: 'many', label: `lr=${i}`, cell: { lr: i }, spec: { params: { lr: i } } },
    }),
    log: '',
    records: [{ metrics: { loss: i / 100 }, step: 0 }],
    files: {},
  }));
}

function curve(points: number): LogRecord[] {
  return Array.from({ length: points }, (_, step) => ({ metrics: { loss: 1 / (step + 1) }, step }));
}

async function publish(store: DiskRunStore, base: string, stories: readonly Story[]) {
  const told = [];
  for (const { run, log, records, files } of stories) {
    await store.log(run, records, NOTHING_READ);
    const left = join(base, 'left', run.id);
    writeFiles(left, { 'out.log': log, ...files });
    const artifactFiles = Object.keys(files).map((path) => ({ file: join(left, path), path }));
    const events = [
      { runId: run.id, at: run.queuedAt, type: 'queued', run },
      { runId: run.id, at: run.queuedAt, type: 'claimed', runner: 'lab1', attempt: 1 },
    ] as const;
    told.push(finished(run, { outputs: [join(left, 'out.log')], artifactFiles, events }));
  }
  const files = await store.finish(told);
  await store.publish(
    stories.map(({ run }) => run),
    files,
  );
}
