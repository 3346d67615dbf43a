/**
 * Which runner may execute which run: compare-and-swap over named records.
 *
 * Contract (tests/contract/coordination.contract.ts):
 * - Of several swaps from one version, exactly one is won, also when their contents are equal.
 * - A record that was never written is not in what `read` gives; a change of it is from null.
 */
export interface Coordination {
  /** Those of the named records that were ever written. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, CoordinationRecord>>;
  /** Each change on its own: `won` or `lost`, in the order given; a name at most once. */
  swap(changes: readonly Change[]): Promise<readonly ('won' | 'lost')[]>;
}

export interface CoordinationRecord {
  readonly version: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface Change {
  readonly name: string;
  /** The version that must still be there; null: none. */
  readonly from: string | null;
  readonly to: Readonly<Record<string, unknown>>;
}
