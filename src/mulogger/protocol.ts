import { isObject } from '../model/dotted.ts';
import type { LogRecord } from '../model/event.ts';
import type { Json, JsonObject, UnixMs } from '../model/experiment.ts';
import type { OutputLine } from '../model/job.ts';

/** How a protocol line is marked on standard output, where no file can be shared. */
export const OUTPUT_MARK = '::lightex ';

/** What one line says: a record, nothing (an ordinary line of output), or a protocol line that is not valid. */
export type ParsedLine =
  | { readonly record: LogRecord }
  | { readonly ordinary: true }
  | { readonly invalid: string };

/** Deeper values are not read: whoever walks them would run out of stack. */
const MAX_DEPTH = 100;
/** Times beyond this are none: neither a date nor a timestamp of the store can hold them. */
const MAX_SECONDS = 8.64e12;
/** Longer protocol lines are not read: a record of a step is far smaller. */
const MAX_LINE_CHARS = 1_000_000;

/** Reads a line of either source. Total: garbage is an answer, never an exception. */
export function parseLine({ source, line }: Pick<OutputLine, 'source' | 'line'>): ParsedLine {
  if (source === 'log') return line.trim() === '' ? { ordinary: true } : parseRecord(line);
  return line.startsWith(OUTPUT_MARK)
    ? parseRecord(line.slice(OUTPUT_MARK.length))
    : { ordinary: true };
}

function parseRecord(text: string): ParsedLine {
  if (text.length > MAX_LINE_CHARS) return { invalid: `longer than ${MAX_LINE_CHARS} characters` };
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    return { invalid: 'not JSON' };
  }
  if (!isObject(value)) return { invalid: 'not a JSON object' };
  if (isDeeper(value, MAX_DEPTH)) return { invalid: `nested deeper than ${MAX_DEPTH}` };
  const problem = Object.keys(value)
    .map((key) => problemOf(key, value[key]))
    .find((one) => one !== undefined);
  return problem === undefined ? { record: recordOf(value) } : { invalid: problem };
}

function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

/** A text, or a number that JSON lacks and Python's json.dumps writes all the same. */
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** @throws SyntaxError */
function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return JSON.parse(
      text.replace(TEXT_OR_NUMBER, (found) => (found.startsWith('"') ? found : `"${found}"`)),
    ) as Json;
  }
}

type Check = (value: Json | undefined) => boolean;

const isNumber: Check = (value) => numberOf(value) !== undefined;
const isText: Check = (value) => typeof value === 'string';
const objectOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);

const FIELDS: Readonly<Record<string, readonly [check: Check, expected: string]>> = {
  metrics: [objectOf(isNumber), 'an object of numbers'],
  params: [isObject, 'an object'],
  summary: [isObject, 'an object'],
  tags: [
    objectOf((value) => ['string', 'number', 'boolean'].includes(typeof value)),
    'an object of texts',
  ],
  artifact: [
    (value) => isObject(value) && isText(value.path) && value.path !== '',
    'an object with a path',
  ],
  progress: [
    (value) => typeof value === 'number' && value >= 0 && value <= 1,
    'a number from 0 to 1',
  ],
  step: [Number.isSafeInteger, 'a whole number'],
  t: [(value) => typeof value === 'number' && Math.abs(value) <= MAX_SECONDS, 'seconds since 1970'],
};

function problemOf(key: string, value: Json | undefined): string | undefined {
  const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
  if (field === undefined) return `"${key}" is not a field of the protocol`;
  const [check, expected] = field;
  return check(value) ? undefined : `"${key}" is not ${expected}`;
}

function recordOf(value: JsonObject): LogRecord {
  const { metrics, params, summary, tags, artifact, progress, step, t } = value;
  return {
    ...(isObject(metrics) && { metrics: mapValues(metrics, (one) => numberOf(one) ?? Number.NaN) }),
    ...(isObject(params) && { params }),
    ...(isObject(summary) && { summary }),
    ...(isObject(tags) && { tags: mapValues(tags, String) }),
    ...(isObject(artifact) && { artifact: artifactOf(artifact) }),
    ...(typeof progress === 'number' && { progress }),
    ...(typeof step === 'number' && { step }),
    ...(typeof t === 'number' && { at: Math.round(t * 1000) as UnixMs }),
  };
}

function artifactOf({ path, type, name, step }: JsonObject): NonNullable<LogRecord['artifact']> {
  return {
    path: String(path),
    ...(typeof type === 'string' && { type }),
    ...(typeof name === 'string' && { name }),
    ...(typeof step === 'number' && { step }),
  };
}

/** JSON has no NaN and no infinity: the protocol writes them as strings. */
function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity'
    ? Number(value)
    : undefined;
}

function mapValues<T>(object: JsonObject, map: (value: Json) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
