import type { LogRecord } from '../model/event.ts';
import type { Json, Objective } from '../model/experiment.ts';
import type { LogState } from '../ports/store.ts';
import { Curve, type MetricSummary } from './curve.ts';
import type { WalLine } from './wal-line.ts';

/**
 * What an attempt has logged so far, without its points: a fold of its lines.
 * The same lines always give the same log, so a restart reads it back from the WAL.
 */
export class RunLog {
  readonly #objective: Objective | undefined;
  readonly #curves = new Map<string, Curve>();
  readonly #params = new Map<string, Json>();
  readonly #tags = new Map<string, string>();
  readonly #summary = new Map<string, Json>();
  readonly #artifacts = new Map<string, NonNullable<LogRecord['artifact']>>();
  #progress: number | null = null;
  #state: LogState = { offsets: [], invalidLines: 0 };

  constructor(objective: Objective | undefined) {
    this.#objective = objective;
  }

  apply(line: WalLine): void {
    if ('o' in line) {
      this.#state = { offsets: line.o, invalidLines: line.invalid };
      return;
    }
    if ('m' in line) {
      for (const [key, value] of Object.entries(line.m))
        this.#curve(key).add(Number(value), line.step, line.t);
      return;
    }
    for (const [key, value] of Object.entries(line.params ?? {})) this.#params.set(key, value);
    for (const [key, value] of Object.entries(line.tags ?? {})) this.#tags.set(key, value);
    for (const [key, value] of Object.entries(line.summary ?? {})) this.#summary.set(key, value);
    if (line.artifact !== undefined) this.#artifacts.set(line.artifact.path, line.artifact);
    this.#progress = line.progress ?? this.#progress;
  }

  #curve(key: string): Curve {
    const known = this.#curves.get(key);
    if (known !== undefined) return known;
    const curve = new Curve(key, this.#objective);
    this.#curves.set(key, curve);
    return curve;
  }

  pointsOf(key: string): number {
    return this.#curves.get(key)?.points ?? 0;
  }

  get points(): number {
    return [...this.#curves.values()].reduce((sum, curve) => sum + curve.points, 0);
  }

  get state(): LogState {
    return this.#state;
  }

  /** Parameters that the code decided itself, as it wrote them. */
  get params(): Readonly<Record<string, Json>> {
    return Object.fromEntries(this.#params);
  }

  get tags(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#tags);
  }

  get summary(): Readonly<Record<string, Json>> {
    return Object.fromEntries(this.#summary);
  }

  get progress(): number | null {
    return this.#progress;
  }

  /** Artifacts that the code named, the last word on each path, in the order of their first mention. */
  get artifacts(): readonly NonNullable<LogRecord['artifact']>[] {
    return [...this.#artifacts.values()];
  }

  /** By key, sorted. */
  get metrics(): readonly MetricSummary[] {
    return [...this.#curves.values()]
      .map((curve) => curve.summary())
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }
}
