import { crc32 } from 'node:zlib';
import type { JournalEvent } from '../../model/event.ts';
import { linesOf } from './lines.ts';

/** What a journal file holds. */
export interface JournalContent {
  /** Bytes up to the end of the last complete append: the rest is torn. */
  readonly size: number;
  /** Number of the next line. */
  readonly nextSeq: number;
  /** Line number of damage that is not a torn tail. */
  readonly damagedLine: number | undefined;
  /** Events of the complete appends, as JSON text. */
  readonly events: readonly string[];
}

const LINE =
  /^\{"v":1,"seq":(\d+),"at":([^,]+),"follow":(\d+),"crc":"([0-9a-f]{8})","event":(\{.*\})\}$/;

/**
 * The lines of one append. `follow` counts the lines of it that still come, so that a reader takes all or none;
 * the checksum covers everything else, byte by byte as it is written.
 */
export function journalLines(events: readonly JournalEvent[], firstSeq: number): string {
  return events
    .map((event, index) => {
      const seq = firstSeq + index;
      const follow = events.length - 1 - index;
      const text = JSON.stringify(event);
      const crc = checksum(seq, event.at, follow, text);
      return `{"v":1,"seq":${seq},"at":${event.at},"follow":${follow},"crc":"${crc}","event":${text}}\n`;
    })
    .join('');
}

/** Reads a journal up to its torn tail. A line that is not intact is torn when nothing intact comes after it. */
export function readJournal(content: Buffer): JournalContent {
  let number = 0;
  let size = 0;
  let broken: number | undefined;
  let nextSeq = 1;
  const events: string[] = [];
  let pending: string[] = [];
  for (const { text, end } of linesOf(content)) {
    number += 1;
    const line = parse(text);
    const isNext = line !== undefined && line.seq === nextSeq + pending.length;
    if (line !== undefined && broken !== undefined)
      return { size, nextSeq, damagedLine: broken, events };
    if (line !== undefined && !isNext) return { size, nextSeq, damagedLine: number, events };
    if (line === undefined) {
      broken ??= number;
      continue;
    }
    pending.push(line.event);
    if (line.follow > 0) continue;
    events.push(...pending);
    nextSeq += pending.length;
    pending = [];
    size = end;
  }
  return { size, nextSeq, damagedLine: undefined, events };
}

function parse(
  text: string,
): { readonly seq: number; readonly follow: number; readonly event: string } | undefined {
  const [, seq, at, follow, crc, event = ''] = LINE.exec(text) ?? [];
  if (crc === undefined || checksum(Number(seq), Number(at), Number(follow), event) !== crc)
    return undefined;
  return { seq: Number(seq), follow: Number(follow), event };
}

function checksum(seq: number, at: number, follow: number, event: string): string {
  return crc32(`${seq} ${at} ${follow} ${event}`).toString(16).padStart(8, '0');
}
