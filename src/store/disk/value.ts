/** DuckDB's values as JSON: the one place where rows are read. */

import {
  DuckDBArrayValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Json } from '../../model/experiment.ts';

/** The name that DuckDB itself writes for the type; JSON is an alias of VARCHAR there. */
export function typeName(type: DuckDBType): string {
  return type.alias ?? type.toString();
}

/**
 * Whole numbers that fit are numbers, larger ones strings; NaN and the infinities are strings; times are ISO 8601
 * with milliseconds, in UTC where they have a zone; JSON is parsed. What has no JSON form is DuckDB's own text.
 */
export function toJsonValue(value: DuckDBValue, type: DuckDBType): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return fromBigInt(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return type.alias === 'JSON' ? JSON.parse(value) : value;
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (value instanceof DuckDBTimestampTZValue)
    return fromMicros(value.micros, 'Z') ?? value.toString();
  if (value instanceof DuckDBTimestampValue)
    return fromMicros(value.micros, '') ?? value.toString();
  return fromNested(value, type) ?? String(value);
}

function fromNested(value: DuckDBValue, type: DuckDBType): Json | undefined {
  if (value instanceof DuckDBListValue && type.typeId === DuckDBTypeId.LIST)
    return value.items.map((item) => toJsonValue(item, type.valueType));
  if (value instanceof DuckDBArrayValue && type.typeId === DuckDBTypeId.ARRAY)
    return value.items.map((item) => toJsonValue(item, type.valueType));
  if (value instanceof DuckDBStructValue && type.typeId === DuckDBTypeId.STRUCT)
    return Object.fromEntries(
      type.entryNames.map((name, index) => [
        name,
        toJsonValue(value.entries[name] ?? null, type.entryTypes[index] as DuckDBType),
      ]),
    );
  if (value instanceof DuckDBMapValue && type.typeId === DuckDBTypeId.MAP)
    return Object.fromEntries(
      value.entries.map((entry) => [String(entry.key), toJsonValue(entry.value, type.valueType)]),
    );
  if (value instanceof DuckDBUnionValue && type.typeId === DuckDBTypeId.UNION)
    return toJsonValue(value.value, type.memberTypeForTag(value.tag));
  return undefined;
}

function fromBigInt(value: bigint): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** Undefined for infinities and years that ISO 8601 writes in another way. */
function fromMicros(micros: bigint, zone: 'Z' | ''): string | undefined {
  const date = new Date(Math.floor(Number(micros) / 1000));
  if (Number.isNaN(date.getTime())) return undefined;
  const text = date.toISOString();
  return text.length === 24 ? text.slice(0, -1) + zone : undefined;
}
