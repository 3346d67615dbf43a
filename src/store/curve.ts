/** What is kept about one metric of an attempt without its points. Only finite values count; the others are counted. */

import type { Objective } from '../model/experiment.ts';

export interface MetricSummary {
  readonly key: string;
  /** Value at the highest step; of several there, the latest. */
  readonly last: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Of the objective's metric only. */
  readonly best: number | null;
  /** The earliest step at which it was best. */
  readonly argbest_step: number | null;
  /** Lowest step of any point, finite or not: from here on a later attempt hides earlier ones. */
  readonly first_step: number;
  /** Step of `last`. */
  readonly last_step: number | null;
  readonly count: number;
  readonly nonfinite: number;
}

/** The running summary of one metric. Points may come in any order of steps. */
export class Curve {
  readonly #key: string;
  readonly #goal: Objective['goal'] | undefined;
  #firstStep = Number.POSITIVE_INFINITY;
  #last: { readonly value: number; readonly step: number; readonly t: number } | undefined;
  #best: { readonly value: number; readonly step: number } | undefined;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #count = 0;
  #nonfinite = 0;

  constructor(key: string, objective: Objective | undefined) {
    this.#key = key;
    this.#goal = objective?.metric === key ? objective.goal : undefined;
  }

  /** Points so far, finite or not. */
  get points(): number {
    return this.#count + this.#nonfinite;
  }

  add(value: number, step: number, t: number): void {
    this.#firstStep = Math.min(this.#firstStep, step);
    if (!Number.isFinite(value)) {
      this.#nonfinite += 1;
      return;
    }
    this.#count += 1;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    const last = this.#last;
    if (last === undefined || step > last.step || (step === last.step && t >= last.t))
      this.#last = { value, step, t };
    if (this.#goal !== undefined && this.#isBetter(value, step)) this.#best = { value, step };
  }

  #isBetter(value: number, step: number): boolean {
    const best = this.#best;
    if (best === undefined) return true;
    if (value === best.value) return step < best.step;
    return this.#goal === 'minimize' ? value < best.value : value > best.value;
  }

  summary(): MetricSummary {
    return {
      key: this.#key,
      last: this.#last?.value ?? null,
      min: this.#count > 0 ? this.#min : null,
      max: this.#count > 0 ? this.#max : null,
      best: this.#best?.value ?? null,
      argbest_step: this.#best?.step ?? null,
      first_step: this.#firstStep,
      last_step: this.#last?.step ?? null,
      count: this.#count,
      nonfinite: this.#nonfinite,
    };
  }
}
