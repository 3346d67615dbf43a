import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SPAWNER_MARK } from '../dispatcher/executors/spawner-client.ts';
import { isFinal } from '../model/lifecycle.ts';
import { namesIn } from '../platform/files.ts';
import { acquireLock } from '../platform/lock.ts';
import { endMarked } from '../platform/process-table.ts';
import { openJournal } from '../store/disk/journal.ts';
import { recordName } from './attempt.ts';
import { type Entry, Ledger } from './ledger.ts';
import type { Services } from './services.ts';

/** Writers that come and go: one for each `lightex run`. */
export const CLI_PREFIX = 'cli-';

/**
 * Makes what every ended or dead `lightex run` of this workspace left ours: unfinished runs are journalled here first
 * and then forgotten there, so that a crash in between repeats it; what it published is folded into our manifest.
 */
export async function takeOverDead(services: Services): Promise<void> {
  const runners = join(services.workspace.state, 'runners');
  const names = (await namesIn(runners)).filter(
    (name) => name.startsWith(CLI_PREFIX) && name !== services.runnerId,
  );
  for (const name of names) {
    const taken = await acquireLock(join(runners, name, 'lock'));
    if ('heldBy' in taken) continue;
    await endMarked(SPAWNER_MARK, name);
    await adoptFrom(name, join(runners, name, 'journal'), services);
    await rm(join(runners, name), { recursive: true, force: true });
  }
}

async function adoptFrom(writer: string, journalFolder: string, services: Services): Promise<void> {
  const { ledger, store, clock } = services;
  const journal = await openJournal(journalFolder);
  const theirs = (await Ledger.open(journal)).entries();
  await journal.close();
  const tried = await store.tried();
  const isOpen = ({ run }: Entry) => {
    const known = tried.get(run.id);
    const isDone =
      known !== undefined &&
      isFinal(known.status) &&
      known.attempt >= run.attempt &&
      run.attempt > 0;
    return !isDone && ledger.entry(run.id) === undefined;
  };
  const open = theirs.filter(isOpen);
  await ledger.record(
    ...open.map(({ run, events, failures, collected }) => ({
      type: 'adopted' as const,
      runId: run.id,
      at: clock.now(),
      run,
      events,
      failures,
      collected: collected ?? null,
      from: writer,
    })),
  );
  // Also of those that a take-over before this one journalled and then died.
  await takeRecords(
    theirs.filter(({ run }) => ledger.entry(run.id) !== undefined),
    writer,
    services,
  );
  await store.takeOver(writer);
}

/** The records of claims that the dead writer held are ours. */
async function takeRecords(
  open: readonly Entry[],
  writer: string,
  { coordination, runnerId }: Services,
): Promise<void> {
  const records = await coordination.read(open.map(({ run }) => recordName(run)));
  const theirs = [...records].filter(
    ([, { value }]) => value.runner === writer && value.state === 'claimed',
  );
  await coordination.swap(
    theirs.map(([name, { version, value }]) => ({
      name,
      from: version,
      to: { ...value, runner: runnerId },
    })),
  );
}
