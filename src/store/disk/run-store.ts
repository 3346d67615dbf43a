import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { LogRecord } from '../../model/event.ts';
import type { RunId } from '../../model/experiment.ts';
import type { Run } from '../../model/run.ts';
import type { FinishedRun, LogState, RunStore, TriedRun } from '../../ports/store.ts';
import type { Clock } from '../../ports/system.ts';
import { livePath, manifestPath, walPath } from '../layout.ts';
import { RunLog } from '../run-log.ts';
import { type RunRow, rowAttempt, runRow } from '../run-row.ts';
import {
  attemptKey,
  FULL_EVERY,
  foldEntries,
  type LiveRun,
  type ManifestEntry,
  triedRuns,
} from '../snapshot.ts';
import { Finisher } from './finisher-client.ts';
import { LeavingLogs, removePublishedLogs } from './leaving-logs.ts';
import { readEntries, readState, removeWriter, writeEntry, writeLive } from './manifest.ts';
import { inStore } from './store-error.ts';
import { Wal } from './wal.ts';

/** A store of which this process is one writer; `close` ends its finisher. */
export interface DiskRunStore extends RunStore {
  close(): Promise<void>;
}

/**
 * Opens the store in `folder`, made when it is not there, for one writer: no two processes may be the same writer
 * at a time. @throws LTX_STORE_UNAVAILABLE when it cannot be read
 */
export function openRunStore(
  folder: string,
  writer: string,
  clock: Clock,
  finisher = new Finisher(),
): Promise<DiskRunStore> {
  return inStore('open the store', folder, async () => {
    const { published } = await readState(folder);
    const entries = await readEntries(folder, writer);
    await removePublishedLogs(folder, published.runs.values());
    return new ParquetRunStore(resolve(folder), writer, clock, finisher, published.runs, entries);
  });
}

class ParquetRunStore implements DiskRunStore {
  readonly #folder: string;
  readonly #writer: string;
  readonly #clock: Clock;
  readonly #finisher: Finisher;
  readonly #host = hostname();
  /** Logs of attempts that are not published, by `attemptKey`. */
  readonly #wals = new Map<string, Promise<Wal>>();
  /** Attempts that some writer published. */
  readonly #published: Map<string, TriedRun>;
  readonly #leaving = new LeavingLogs();
  #entries: readonly ManifestEntry[];
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(
    folder: string,
    writer: string,
    clock: Clock,
    finisher: Finisher,
    published: ReadonlyMap<string, TriedRun>,
    entries: readonly ManifestEntry[],
  ) {
    this.#folder = folder;
    this.#writer = writer;
    this.#clock = clock;
    this.#finisher = finisher;
    this.#published = new Map(published);
    this.#entries = entries;
  }

  log(run: Run, records: readonly LogRecord[], state: LogState): Promise<void> {
    return inStore('log to', this.#walPath(run), async () => {
      const wal = await this.#wal(run);
      await wal.append(records, state, this.#clock.now());
    });
  }

  logState(run: Run): Promise<LogState> {
    return inStore('read', this.#walPath(run), async () => (await this.#wal(run)).log.state);
  }

  finish(runs: readonly FinishedRun[]): Promise<readonly string[]> {
    return inStore('write finished runs to', this.#folder, async () => {
      // What is published already stays as it is: a second file would show the attempt twice.
      const open = runs.filter(({ run }) => !this.#isPublished(run));
      if (open.length === 0) return [];
      const attempts = await Promise.all(
        open.map(async ({ run, events, outputs, artifactFiles }) => {
          const wal = await this.#wal(run);
          await wal.settle();
          const row = this.#row(run, wal.log, events);
          return { row, wal: row.points > 0 ? wal.path : null, outputs, artifactFiles };
        }),
      );
      const id = `${this.#clock.now().toString(36)}-${randomBytes(6).toString('hex')}`;
      return this.#finisher.finish({ store: this.#folder, id, attempts });
    });
  }

  publish(runs: readonly Run[], files: readonly string[]): Promise<void> {
    const published = this.#publishing.then(() => this.#publish(runs, files));
    // The next one follows whether or not this one succeeded; its own caller sees the failure.
    this.#publishing = published.catch(() => {});
    return published;
  }

  async #publish(runs: readonly Run[], files: readonly string[]): Promise<void> {
    const n = (this.#entries.at(-1)?.n ?? 0) + 1;
    const path = join(this.#folder, manifestPath(this.#writer, n));
    await inStore('publish in', path, async () => {
      const fresh = runs.filter((run) => !this.#isPublished(run)).map(tried);
      if (fresh.length > 0) await this.#writeEntry(n, fresh, files);
      // Only now, and not at once: a reader that listed these logs may not have read them yet.
      const now = this.#clock.now();
      for (const run of runs) {
        const wal = await this.#wal(run);
        this.#wals.delete(keyOf(run));
        await this.#leaving.add(wal, now);
      }
      await this.#leaving.removeOld(now);
    });
  }

  async #writeEntry(n: number, runs: readonly TriedRun[], add: readonly string[]): Promise<void> {
    const entry: ManifestEntry = { n, full: false, add, remove: [], runs };
    const entries = [...this.#entries, entry];
    const written = n % FULL_EVERY === 0 ? fullEntry(entries, n) : entry;
    await writeEntry(this.#folder, this.#writer, written);
    this.#entries = written.full ? [written] : entries;
    for (const run of runs) this.#published.set(attemptKey(run.runId, run.attempt), run);
  }

  showLive(runs: readonly Run[]): Promise<void> {
    const path = join(this.#folder, livePath(this.#writer));
    return inStore('show unfinished runs in', path, async () => {
      const rows = await Promise.all(runs.map((run) => this.#liveRun(run)));
      await this.#leaving.removeOld(this.#clock.now());
      await writeLive(this.#folder, { writer: this.#writer, at: this.#clock.now(), runs: rows });
    });
  }

  async #liveRun(run: Run): Promise<LiveRun> {
    const { log } = await this.#wal(run);
    const row = this.#row(run, log, []);
    return { ...row, wal: row.points > 0 ? walPath(run.id, row.attempt) : null };
  }

  takeOver(writer: string): Promise<void> {
    const taken = this.#publishing.then(() => this.#takeOver(writer));
    this.#publishing = taken.catch(() => {});
    return taken;
  }

  #takeOver(writer: string): Promise<void> {
    const path = join(this.#folder, livePath(writer));
    return inStore('take over the runs of', path, async () => {
      const { files, runs } = foldEntries(await readEntries(this.#folder, writer));
      const n = (this.#entries.at(-1)?.n ?? 0) + 1;
      if (files.size > 0) await this.#writeEntry(n, [...runs.values()], [...files]);
      await removeWriter(this.#folder, writer);
    });
  }

  tried(): Promise<ReadonlyMap<RunId, TriedRun>> {
    return inStore('read the manifests of', this.#folder, async () => {
      const { published, live } = await readState(this.#folder);
      return triedRuns(published, live, this.#clock.now());
    });
  }

  async close(): Promise<void> {
    await this.#publishing;
    await this.#leaving.removeAll();
    for (const wal of this.#wals.values()) await (await wal).close();
    await this.#finisher.close();
  }

  #row(run: Run, log: RunLog, events: FinishedRun['events']): RunRow {
    return runRow({ run, log, host: this.#host, now: this.#clock.now(), events });
  }

  #isPublished(run: Run): boolean {
    return this.#published.has(keyOf(run));
  }

  #walPath(run: Run): string {
    return join(this.#folder, walPath(run.id, rowAttempt(run)));
  }

  /** The attempt's log, read back from the disk when this process sees it for the first time. */
  #wal(run: Run): Promise<Wal> {
    const key = keyOf(run);
    const known = this.#wals.get(key);
    if (known !== undefined) return known;
    const opened = Wal.open(this.#walPath(run), new RunLog(run.trial.spec.objective));
    this.#wals.set(key, opened);
    opened.catch(() => this.#wals.delete(key));
    return opened;
  }
}

function fullEntry(entries: readonly ManifestEntry[], n: number): ManifestEntry {
  const { files, runs } = foldEntries(entries);
  return { n, full: true, add: [...files], remove: [], runs: [...runs.values()] };
}

function keyOf(run: Run): string {
  return attemptKey(run.id, rowAttempt(run));
}

function tried(run: Run): TriedRun {
  return {
    runId: run.id,
    trialKey: run.trial.key,
    attempt: rowAttempt(run),
    status: run.status,
    ...(run.reason === undefined ? {} : { reason: run.reason }),
  };
}
