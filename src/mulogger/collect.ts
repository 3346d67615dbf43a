import type { LogRecord } from '../model/event.ts';
import type { UnixMs } from '../model/experiment.ts';
import type { OutputLine } from '../model/job.ts';
import { parseLine } from './protocol.ts';

/** What a batch of lines said. */
export interface Batch {
  readonly records: readonly LogRecord[];
  /** Protocol lines that could not be understood; the captured output keeps them. */
  readonly invalidLines: number;
}

/** Reads a batch, in order; records without a time of their own get `now`. */
export function readBatch(lines: readonly OutputLine[], now: UnixMs): Batch {
  const records: LogRecord[] = [];
  let invalidLines = 0;
  for (const line of lines) {
    const parsed = parseLine(line);
    if ('record' in parsed) records.push({ at: now, ...parsed.record });
    else if ('invalid' in parsed) invalidLines += 1;
  }
  return { records, invalidLines };
}
