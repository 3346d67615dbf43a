import { LightexError } from '../model/errors.ts';
import type { CommitSha } from '../model/experiment.ts';
import type { Run } from '../model/run.ts';
import type { Services } from './services.ts';

/** Reports of experiments that have nothing left to run, built beside the work. */
export class Reports {
  readonly #services: Pick<Services, 'buildReport' | 'notify'>;
  /** Experiment -> the commit of its newest run since its report was built. */
  readonly #wanted = new Map<string, CommitSha>();
  readonly #building = new Set<Promise<void>>();

  constructor(services: Pick<Services, 'buildReport' | 'notify'>) {
    this.#services = services;
  }

  /** The report of an experiment is to be built, as it is at a commit. */
  want(experiment: string, commit: CommitSha): void {
    this.#wanted.set(experiment, commit);
  }

  /** Begins the wanted reports of all experiments but those that have unfinished runs. */
  build(unfinished: readonly Run[]): void {
    const busy = new Set(unfinished.map(({ trial }) => trial.experiment));
    for (const [experiment, commit] of this.#wanted) {
      if (busy.has(experiment)) continue;
      this.#wanted.delete(experiment);
      const work = this.#build(experiment, commit).finally(() => this.#building.delete(work));
      this.#building.add(work);
    }
  }

  /** Waits for those that were begun. */
  async built(): Promise<void> {
    await Promise.all(this.#building);
  }

  async #build(experiment: string, commit: CommitSha): Promise<void> {
    const { buildReport, notify } = this.#services;
    try {
      notify({ type: 'report', experiment, path: await buildReport(experiment, commit) });
    } catch (cause) {
      if (!(cause instanceof LightexError)) throw cause;
      notify({ type: 'trouble', error: cause }); // the history is safe: `lightex report` builds it later
    }
  }
}
