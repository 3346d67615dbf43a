/** A DuckDB that people may ask anything: it reads the store, and does nothing else. */

import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  StatementType,
} from '@duckdb/node-api';
import type { Snapshot } from '../snapshot.ts';
import { list } from '../sql.ts';
import { viewStatements } from '../views.ts';
import { Refusal } from './query-error.ts';

/**
 * The functions that may stand in FROM, as DuckDB names them in a plan. A list of what is allowed, because others
 * write although they look like reading: `FROM enable_logging(storage_path = …)` is a SELECT, makes files anywhere
 * and passes every setting below.
 */
const TABLE_FUNCTIONS =
  /^(?:READ_(?:PARQUET|CSV|CSV_AUTO|JSON|JSON_AUTO|JSON_OBJECTS|JSON_OBJECTS_AUTO|NDJSON|NDJSON_AUTO|NDJSON_OBJECTS|NDJSON_OBJECTS_AUTO|TEXT|BLOB)|PARQUET_\w+|GLOB|RANGE|GENERATE_SERIES|UNNEST|REPEAT|REPEAT_ROW|JSON_EACH|JSON_TREE|SEQ_SCAN|DUCKDB_(?:COLUMNS|TABLES|VIEWS|SCHEMAS|DATABASES|FUNCTIONS|TYPES|KEYWORDS|SETTINGS)|PRAGMA_(?:VERSION|TABLE_INFO|SHOW|PLATFORM)|ICU_CALENDAR_NAMES|PG_TIMEZONE_NAMES)$/;

/** Opens the views of the snapshot; nothing outside of `folder` can be read afterwards, and no setting changed. */
export async function openSandbox(
  folder: string,
  snapshot: Snapshot,
  memoryBytes: number,
): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: `${Math.floor(memoryBytes / 2 ** 20)}MiB`,
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  for (const statement of [
    `SET TimeZone = 'UTC'`,
    `SET temp_directory = ''`,
    `SET allowed_directories = ${list([folder])}`,
    ...viewStatements(folder, snapshot),
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ])
    await connection.run(statement);
  return connection;
}

/**
 * The statement, ready to run. @throws Refusal when it is anything but one SELECT over what may be read
 * (what prepares as one counts: FROM first, VALUES, DESCRIBE, SUMMARIZE, SHOW).
 */
export async function prepareSelect(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  await refuseOthers(connection, sql);
  const statements = await connection.extractStatements(sql);
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== StatementType.SELECT) throw new Refusal(ONLY_SELECT);
  if (prepared.parameterCount > 0)
    throw new Refusal('parameters ($1, ?) have no values here: write the values themselves');
  const forbidden = (await functionsOf(connection, sql)).find(
    (name) => !TABLE_FUNCTIONS.test(name),
  );
  if (forbidden !== undefined)
    throw new Refusal(`the function ${forbidden.toLowerCase()} is not allowed in a query`);
  return prepared;
}

const ONLY_SELECT =
  'only a statement that reads is allowed, such as SELECT, FROM or DESCRIBE (PIVOT needs its values: IN (…))';

/**
 * Refuses by what the parser says, before anything is prepared: preparing EXPORT already makes its folder.
 * A syntax error is left to the preparation, which points to its place.
 */
async function refuseOthers(connection: DuckDBConnection, sql: string): Promise<void> {
  const serialized = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [
    sql,
  ]);
  const parsed: {
    readonly error: boolean;
    readonly error_type?: string;
    readonly statements?: readonly object[];
  } = JSON.parse(String(serialized.getRowsJson()[0]?.[0]));
  if (parsed.error && parsed.error_type !== 'parser') throw new Refusal(ONLY_SELECT);
  const count = parsed.statements?.length;
  if (count === 0) throw new Refusal('there is no statement');
  if (count !== undefined && count > 1)
    throw new Refusal(`one statement at a time, this is ${count}`);
}

interface PlanNode {
  readonly extra_info?: { readonly Function?: string };
  readonly children?: readonly PlanNode[];
}

/** Table functions in the plan: names that macros, `query('…')` or quoting hide in the text are plain there. */
async function functionsOf(connection: DuckDBConnection, sql: string): Promise<readonly string[]> {
  const explained = await connection.runAndReadAll(`EXPLAIN (FORMAT json) ${sql}`);
  const [row] = explained.getRowsJson();
  const plan: readonly PlanNode[] = JSON.parse(String(row?.[1]));
  const names = (node: PlanNode): readonly string[] => [
    ...(node.extra_info?.Function === undefined ? [] : [node.extra_info.Function.trim()]),
    ...(node.children ?? []).flatMap(names),
  ];
  return plan.flatMap(names);
}
