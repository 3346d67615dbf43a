/** Charts that a report's author wrote: what is refused in them, and how they become complete. */

import { isObject } from '../model/dotted.ts';
import { LightexError } from '../model/errors.ts';
import type { Table } from '../model/event.ts';
import type { Json, JsonObject } from '../model/experiment.ts';
import { type Row, toRows } from './answers.ts';
import type { Chart } from './charts.ts';
import { COLOURS } from './configurations.ts';
import { CHART_CONFIG, type ChartSpec, CONTENT_WIDTH } from './theme.ts';

/** Rows of one chart at most: more is work for SQL. */
export const CHART_ROWS = 20_000;

/** Height of a chart that says none, and of each row where its vertical axis has names. */
const HEIGHT = 320;
const ROW_HEIGHT = 20;

const MARKS =
  'arc area bar boxplot circle errorband errorbar geoshape line point rect rule square text tick trail'.split(
    ' ',
  );

/**
 * A whole specification: the author's, with the table as its data, our looks under its own and a size where it has none.
 * @throws LTX_REPORT_INVALID when it would load something, has data of its own, or the table is too long.
 */
export function completeChart(spec: JsonObject, table: Table): Chart {
  const problems = [
    ...('data' in spec ? ['"data": the rows of "sql" are the data'] : []),
    ...lint(spec, ''),
  ];
  if (problems.length > 0) throw invalid(problems.join('; '));
  if (table.truncated || table.rows.length > CHART_ROWS) {
    throw invalid(`the query gives more than ${CHART_ROWS} rows; aggregate in SQL`);
  }
  const { rows, nonfinite } = finiteRows(table);
  const config = isObject(spec.config) ? spec.config : {};
  return {
    spec: {
      ...(isOneView(spec)
        ? {
            width: CONTENT_WIDTH,
            height: defaultHeight(spec, rows),
            autosize: { type: 'fit', contains: 'padding' },
          }
        : {}),
      ...spec,
      ...(spec.width === 'container' ? { width: CONTENT_WIDTH } : {}),
      data: { values: rows },
      config: { ...CHART_CONFIG, ...roomForLabels(spec), ...config },
    },
    notes: [
      ...unknownFields(spec, table),
      ...tooManySeries(spec, rows),
      ...(nonfinite > 0
        ? [`${nonfinite} NaN or infinite ${nonfinite === 1 ? 'value is' : 'values are'} not drawn.`]
        : []),
    ],
  };
}

/** Not of facets and concatenations: their width is that of each view in them. */
function isOneView({ mark, layer, encoding }: JsonObject): boolean {
  const facets = ['row', 'column', 'facet'];
  const isFaceted = isObject(encoding) && facets.some((channel) => channel in encoding);
  return (mark !== undefined || layer !== undefined) && !isFaceted;
}

/** Higher where every name on the vertical axis needs a row. */
function defaultHeight({ encoding }: JsonObject, rows: readonly Row[]): number {
  const y = isObject(encoding) ? encoding.y : undefined;
  if (!isObject(y) || typeof y.field !== 'string') return HEIGHT;
  if (y.type !== 'nominal' && y.type !== 'ordinal') return HEIGHT;
  const { field } = y;
  const names = new Set(rows.map((row) => JSON.stringify(row[field]))).size;
  return Math.max(HEIGHT, Math.min(names, 100) * ROW_HEIGHT + 60);
}

/** Long names are cut only where they would leave too little for the chart itself. */
function roomForLabels({ width }: JsonObject): ChartSpec {
  const across = typeof width === 'number' ? width : CONTENT_WIDTH;
  const y = Math.min(420, Math.round(across * 0.4));
  const { axisX, axisY } = CHART_CONFIG as { axisX: object; axisY: object };
  return {
    axisX: { ...axisX, labelLimit: Math.min(180, Math.round(across * 0.3)) },
    // Without an extent the title comes after 200 pixels, over the labels that are longer.
    axisY: { ...axisY, labelLimit: y, maxExtent: y + 40 },
  };
}

/** The rows with null where SQL gave NaN or an infinity, and how many those are. */
function finiteRows(table: Table): { readonly rows: readonly Row[]; readonly nonfinite: number } {
  const isReal = table.columns.map(({ type }) => type === 'DOUBLE' || type === 'FLOAT');
  let nonfinite = 0;
  const rows = table.rows.map((cells) =>
    cells.map((cell, i) => {
      if (!isReal[i] || typeof cell !== 'string') return cell;
      nonfinite += 1;
      return null;
    }),
  );
  return { rows: toRows({ ...table, rows }), nonfinite };
}

function lint(value: Json, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => lint(item, `${path}[${i}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [...refusal(key, child, at), ...lint(child, at)];
  });
}

function refusal(key: string, value: Json, at: string): readonly string[] {
  const type = isObject(value) ? value.type : value;
  if (key === 'url') return [`"${at}": a report loads nothing; select the data in SQL`];
  if (key === 'mark' && !MARKS.includes(String(type))) {
    return [`"${at}": ${JSON.stringify(type)} is not drawn here; marks are ${MARKS.join(', ')}`];
  }
  if (key === 'href') {
    const target = isObject(value) ? value.value : value;
    if (typeof target === 'string' && !/^(https?:|#)/.test(target)) {
      return [`"${at}": links start with http:, https: or #`];
    }
  }
  return [];
}

/** Fields that no column has: Vega-Lite draws nothing for them, and says nothing. A transform may make fields. */
function unknownFields(spec: JsonObject, table: Table): readonly string[] {
  const names = table.columns.map(({ name }) => name);
  const used = JSON.stringify(spec).includes('"transform"') ? [] : fieldsIn(spec);
  return [...new Set(used)]
    .filter((field) => !names.includes(field))
    .map((field) => `"${field}" is not a column of the query (${names.join(', ')}).`);
}

function fieldsIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsIn);
  if (!isObject(value)) return [];
  const own = typeof value.field === 'string' ? [value.field] : [];
  return [...own, ...Object.values(value).flatMap(fieldsIn)];
}

function tooManySeries(spec: JsonObject, rows: readonly Row[]): readonly string[] {
  return [...colourFields(spec)].flatMap((field) => {
    const series = new Set(rows.map((row) => JSON.stringify(row[field]))).size;
    return series > COLOURS
      ? [`"${field}" has ${series} values: more than ${COLOURS} colours are hard to tell apart.`]
      : [];
  });
}

function colourFields(value: Json): ReadonlySet<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...colourFields(item)]));
  if (!isObject(value)) return new Set();
  const { color } = value;
  const own =
    isObject(color) && typeof color.field === 'string' && color.type !== 'quantitative'
      ? [color.field]
      : [];
  return new Set([...own, ...Object.values(value).flatMap((child) => [...colourFields(child)])]);
}

function invalid(message: string): LightexError {
  return new LightexError('LTX_REPORT_INVALID', `spec: ${message}`);
}
