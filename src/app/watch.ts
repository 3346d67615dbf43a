import { newTips } from '../git/refs.ts';
import { trustedBranches } from '../git/trust.ts';
import type { CommitSha } from '../model/experiment.ts';
import { planPush, runsOf, splitTried } from './plan-commit.ts';
import type { DaemonServices } from './services.ts';

/** Looks at the remote's trusted branches and queues what was never tried. */
export class Watch {
  readonly #services: DaemonServices;
  readonly #refused = new Set<string>();
  /** Tips with files that could not be planned: not looked at again here, but told again by the next start. */
  readonly #faulty = new Map<string, CommitSha>();

  readonly #onStaleReport: (experiment: string, commit: CommitSha) => void;

  /** `onStaleReport` hears of experiments whose runs are there and whose report is told anew by a commit. */
  constructor(
    services: DaemonServices,
    onStaleReport: (experiment: string, commit: CommitSha) => void,
  ) {
    this.#services = services;
    this.#onStaleReport = onStaleReport;
  }

  /** One look. @throws LTX_REMOTE_UNREACHABLE */
  async look(): Promise<void> {
    const { repo, runner, ledger, checkedOut } = this.#services;
    const { heads, head } = await repo.branches();
    const trusted = trustedBranches([...heads.keys()], head, runner.trustBranches, checkedOut);
    this.#tell(trusted);
    const tips = newTips(new Map([...ledger.seen, ...this.#faulty]), heads, trusted.branches);
    await repo.fetch(tips.map(({ branch }) => branch));
    for (const { branch, commit } of tips) await this.#plan(branch, commit);
  }

  /** Queues the runs of a commit, and notes in the same write that it was looked at. */
  async #plan(branch: string, commit: CommitSha): Promise<void> {
    const { repo, ledger, store, clock, notify } = this.#services;
    const { facts, plans, problems, retold } = await planPush(
      repo,
      this.#services,
      branch,
      commit,
      ledger.seen.get(branch),
    );
    this.#faulty.delete(branch);
    if (problems.length > 0) {
      notify({ type: 'not-planned', branch, commit, problems });
      this.#faulty.set(branch, commit);
    }
    const tried = new Set<string>([
      ...(await store.tried()).keys(),
      ...ledger.runs().map((run) => run.id),
    ]);
    const now = clock.now();
    const split = plans.map((plan) => ({
      plan,
      ...splitTried(runsOf(plan, facts, branch, now), tried),
    }));
    const queued = split.flatMap(({ fresh }) => fresh);
    await ledger.record(
      ...queued.map((run) => ({ type: 'queued', runId: run.id, at: now, run }) as const),
      ...(problems.length > 0 ? [] : [{ type: 'ref-seen', at: now, ref: branch, commit } as const]),
    );
    for (const { plan, fresh, reused } of split) {
      const { name } = plan.experiment;
      if (reused.length > 0 && retold.includes(name)) this.#onStaleReport(name, commit);
      notify({
        type: 'planned',
        branch,
        commit,
        experiment: name,
        queued: fresh.length,
        reused: reused.length,
      });
    }
  }

  /** Each refused branch is told once, not at every look. */
  #tell({ refused, fallback }: ReturnType<typeof trustedBranches>): void {
    if (fallback !== undefined && !this.#refused.has(''))
      this.#services.notify({ type: 'branch-fallback', branch: fallback });
    for (const branch of refused) {
      if (!this.#refused.has(branch)) this.#services.notify({ type: 'branch-refused', branch });
      this.#refused.add(branch);
    }
    this.#refused.add('');
  }
}
