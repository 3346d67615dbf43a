/** Writes batches of finished attempts as Parquet files, complete or not at all. */

import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { metricsPath, runsPath } from '../layout.ts';
import type { RunRow } from '../run-row.ts';
import { literal, pointsSql, rowsSql, type WalFile } from '../sql.ts';
import { keepFile } from './kept-files.ts';

/** Half the size of DuckDB's defaults for curves (BYTE_STREAM_SPLIT, DELTA_BINARY_PACKED); every reader knows them. */
const COPY_OPTIONS =
  'FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1000';

/** A DuckDB for writing: in memory, spilling to `scratch` when a batch is larger than its memory. */
export async function openWriter(scratch: string): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '1GB',
    temp_directory: scratch,
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  return connection;
}

/** One file of rows and one of points for each experiment that has any. The paths are relative to the store. */
export async function writeBatch(
  connection: DuckDBConnection,
  store: string,
  id: string,
  rows: readonly RunRow[],
  wals: readonly WalFile[],
): Promise<readonly string[]> {
  const files = [runsPath(id)];
  await copy(connection, rowsSql(rows), join(store, runsPath(id)));
  for (const experiment of new Set(wals.map((wal) => wal.experiment))) {
    const path = metricsPath(experiment, id);
    const its = wals.filter((wal) => wal.experiment === experiment);
    const points = `${pointsSql(its, { torn: false })} ORDER BY key, run_id, step, t`;
    await copy(connection, points, join(store, path));
    files.push(path);
  }
  return files;
}

/** COPY writes to its target's final name from the first byte on: only a whole file gets its name here. */
async function copy(connection: DuckDBConnection, select: string, path: string): Promise<void> {
  await keepFile(dirname(path), async (temporary) => {
    await connection.run(`COPY (${select}) TO ${literal(temporary)} (${COPY_OPTIONS})`);
    return path;
  });
}
