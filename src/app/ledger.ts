import type { JournalEvent, RunEvent } from '../model/event.ts';
import type { CommitSha, RunId } from '../model/experiment.ts';
import { isFinal, transition } from '../model/lifecycle.ts';
import type { Run } from '../model/run.ts';
import type { RunReason } from '../model/schema.generated.ts';
import type { Journal } from '../ports/journal.ts';

/** What the journal says of a run that has not ended. */
export interface Entry {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  /** Why its earlier attempts failed. */
  readonly failures: readonly RunReason[];
  /** Files of the store, when the attempt was collected and not yet published. */
  readonly collected: readonly string[] | undefined;
}

/** A runner's runs: a fold of its journal. A change counts here at once; acting on it waits for `record` to resolve. */
export class Ledger {
  readonly #journal: Journal;
  readonly #entries = new Map<RunId, Entry>();
  readonly #seen = new Map<string, CommitSha>();
  /** Called after each change of a run's state, and when a run logged something. */
  onChange: (what: 'state' | 'log') => void = () => {};

  private constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The runs as the journal left them. */
  static async open(journal: Journal): Promise<Ledger> {
    const ledger = new Ledger(journal);
    for (const event of await journal.replay()) ledger.#apply(event);
    return ledger;
  }

  /** Journals the events, all or none. @throws LTX_RUN_TRANSITION before anything is written */
  async record(...events: readonly JournalEvent[]): Promise<void> {
    for (const event of events) this.#apply(event);
    await this.#journal.append(events);
    this.onChange('state');
  }

  /** Unfinished runs in the order in which they were queued. */
  entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  runs(): readonly Run[] {
    return this.entries().map(({ run }) => run);
  }

  entry(id: RunId): Entry | undefined {
    return this.#entries.get(id);
  }

  /** The commit of each branch that was looked at last. */
  get seen(): ReadonlyMap<string, CommitSha> {
    return this.#seen;
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  #apply(event: JournalEvent): void {
    if (event.type === 'ref-seen') {
      this.#seen.set(event.ref, event.commit);
      return;
    }
    const before = this.#entries.get(event.runId);
    const entry = before === undefined ? newEntry(event) : nextEntry(before, event);
    if (entry === undefined || isFinal(entry.run.status)) this.#entries.delete(event.runId);
    else this.#entries.set(event.runId, entry);
  }
}

function newEntry(event: RunEvent): Entry | undefined {
  if (event.type === 'adopted') {
    const { run, events, failures, collected } = event;
    return { run, events: [...events, event], failures, collected: collected ?? undefined };
  }
  return event.type === 'queued'
    ? { run: event.run, events: [event], failures: [], collected: undefined }
    : undefined;
}

function nextEntry(entry: Entry, event: RunEvent): Entry {
  return {
    run: transition(entry.run, event),
    events: [...entry.events, event],
    failures: event.type === 'requeued' ? [...entry.failures, event.reason] : entry.failures,
    collected:
      event.type === 'collected'
        ? event.files
        : event.type === 'requeued'
          ? undefined
          : entry.collected,
  };
}
