/**
 * A process of its own for one call of people's SQL. Reads a `QueryWork` from its standard input and writes a line
 * with each answer as soon as it has it: what was answered before a limit ended the process still counts.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LightexError } from '../../model/errors.ts';
import type { Json, UnixMs } from '../../model/experiment.ts';
import type { QueryResult } from '../../ports/store.ts';
import { type Snapshot, snapshotOf } from '../snapshot.ts';
import { readState } from './manifest.ts';
import { explain, isVanished, TooLarge } from './query-error.ts';
import type { QueryAnswer, QueryLine, QueryWork } from './query-work.ts';
import { openSandbox, prepareSelect } from './sandbox.ts';
import { toJsonValue, typeName } from './value.ts';

/**
 * A file that is missing when it is read: a run ended meanwhile, its log is gone, and the manifest, read again, names
 * the files that replace it. After so many looks a log that is gone is gone for good: without it the rest is still
 * true. A missing file of finished runs is then the store's damage.
 */
const LOOKS = 6;

async function main(): Promise<void> {
  const work: QueryWork = JSON.parse(await text(process.stdin));
  for (let look = 1; ; look += 1) {
    try {
      return await answerAll(work, look === LOOKS);
    } catch (error) {
      if (!isVanished(error) || look === LOOKS) throw error;
    }
  }
}

async function answerAll(work: QueryWork, isLastLook: boolean): Promise<void> {
  const { published, live } = await readState(work.store);
  const snapshot = snapshotOf(published, live, Date.now() as UnixMs);
  const connection = await open(
    work,
    isLastLook ? onlyThere(work.store, snapshot) : snapshot,
    isLastLook,
  );
  let bytesLeft = work.maxBytes;
  for (const [index, sql] of work.statements.entries()) {
    const result = await answerOne(connection, sql, { ...work, maxBytes: bytesLeft }, isLastLook);
    bytesLeft -= say({ index, result } satisfies QueryAnswer);
  }
}

async function open(
  work: QueryWork,
  snapshot: Snapshot,
  isLastLook: boolean,
): Promise<DuckDBConnection> {
  try {
    return await openSandbox(work.store, snapshot, work.memoryBytes);
  } catch (error) {
    if (!isLastLook && isVanished(error)) throw error;
    const { code, message } = explain(error);
    if (code === 'LTX_SQL_LIMIT') throw new LightexError(code, message);
    throw new LightexError('LTX_STORE_UNAVAILABLE', `${work.store} cannot be read: ${message}`, {
      hint: 'Bring the missing or damaged file back from a backup',
    });
  }
}

/** The snapshot without logs that are not there. */
function onlyThere(store: string, snapshot: Snapshot): Snapshot {
  const isThere = (wal: string | null) => wal !== null && existsSync(join(store, wal));
  const live = snapshot.live.map((run) => (isThere(run.wal) ? run : { ...run, wal: null }));
  return { ...snapshot, live };
}

async function answerOne(
  connection: DuckDBConnection,
  sql: string,
  work: QueryWork,
  isLastLook: boolean,
): Promise<QueryResult> {
  try {
    return await select(connection, sql, work);
  } catch (error) {
    if (!isLastLook && isVanished(error)) throw error;
    return { error: explain(error) };
  }
}

/** Rows are taken one chunk at a time, so that a limit stops the query and not only its answer. */
async function select(
  connection: DuckDBConnection,
  sql: string,
  { maxRows, maxBytes }: QueryWork,
): Promise<QueryResult> {
  const prepared = await prepareSelect(connection, sql);
  const result = await prepared.stream();
  const types = result.columnTypes();
  const columns = result.columnNames().map((name, index) => ({
    name,
    type: types
      .slice(index, index + 1)
      .map(typeName)
      .join(''),
  }));
  const rows: Json[][] = [];
  let bytes = 0;
  for await (const chunk of result.yieldRows()) {
    for (const values of chunk) {
      if (rows.length === maxRows) return { table: { columns, rows, truncated: true } };
      const row = types.map((type, index) => toJsonValue(values[index] ?? null, type));
      bytes += Buffer.byteLength(JSON.stringify(row));
      if (bytes > maxBytes) throw new TooLarge();
      rows.push(row);
    }
  }
  return { table: { columns, rows, truncated: false } };
}

/** Writes a line; gives its size. */
function say(line: QueryLine): number {
  const json = `${JSON.stringify(line)}\n`;
  process.stdout.write(json);
  return Buffer.byteLength(json);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof LightexError)) throw error;
  const { code, message, hint } = error;
  say({ failed: { code, message, ...(hint === undefined ? {} : { hint }) } });
}
