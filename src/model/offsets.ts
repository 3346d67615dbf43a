import type { Offsets, OutputLine } from './job.ts';

/** Bytes read of one file of a job; 0 when it was not begun. */
export function offsetOf(offsets: Offsets, rank: number, source: OutputLine['source']): number {
  return offsets.find((one) => one.rank === rank && one.source === source)?.bytes ?? 0;
}

/** The offsets after these lines were read as well. */
export function advance(offsets: Offsets, lines: readonly OutputLine[]): Offsets {
  const next = [...offsets];
  for (const { rank, source, offset } of lines) {
    const index = next.findIndex((one) => one.rank === rank && one.source === source);
    const entry = { rank, source, bytes: offset };
    if (index < 0) next.push(entry);
    else next[index] = entry;
  }
  return next;
}
