/** Vega-Lite to SVG text, without a DOM, a canvas or the network. The same input gives the same bytes. */

import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { LightexError } from '../../model/errors.ts';
import type { ChartSpec } from '../theme.ts';

/**
 * Widths of characters in ems: server and browser lay out alike, whatever fonts the server has. Those of a wide font
 * (DejaVu Sans), because a label that is wider than it was thought runs into what stands beside it.
 */
const ADVANCES: readonly (readonly [string, number])[] = [
  ["il.,:;'|!jI", 0.32],
  ['ftr()-/ ', 0.39],
  ['abcdeghknopqsuvxyz0123456789_', 0.63],
  ['ABCDEFGHJKLNOPQRSTUVXYZ', 0.74],
  ['+=<>~', 0.84],
  ['mwMW%@', 0.96],
];
const ADVANCE = new Map(ADVANCES.flatMap(([text, width]) => [...text].map((c) => [c, width])));

interface TextItem {
  readonly text?: unknown;
  readonly fontSize?: number;
  /** Pixels after which it is cut. */
  readonly limit?: number;
}
// Vega exports its measuring of text for exactly this, but does not type it.
const { textMetrics } = vega as unknown as {
  textMetrics: { width(item: TextItem, text?: unknown): number };
};
textMetrics.width = (item, text = item.text) => {
  const ems = [...String(text ?? '')].reduce((sum, c) => sum + (ADVANCE.get(c) ?? 0.6), 0);
  // Vega cuts what is wider than its limit, and asks here for both: how wide it is, and whether it is too wide.
  const widest = (item.limit ?? 0) > 0 ? Number(item.limit) + 0.01 : Number.POSITIVE_INFINITY;
  return Math.min(ems * (item.fontSize ?? 11), widest);
};

const REFUSING: vega.Loader = {
  load: (uri) => Promise.reject(refused(uri)),
  http: (uri) => Promise.reject(refused(uri)),
  file: (uri) => Promise.reject(refused(uri)),
  // A link that is refused leads nowhere: rejecting here would end the process from within Vega.
  sanitize: (uri) => Promise.resolve({ href: /^(https?:|#)/.test(uri) ? uri : '#' }),
};

/**
 * The chart as SVG text for a page: colours may be CSS variables, ids start with `id`, coordinates have one decimal,
 * no style attributes; hidden from screen readers, because the page says the alternative text.
 * @throws LTX_REPORT_INVALID when Vega-Lite or Vega does not accept it.
 */
export async function renderChart(spec: ChartSpec, id: string): Promise<string> {
  const errors: unknown[] = [];
  const logger = collecting(errors);
  try {
    const compiled = compile(spec as unknown as TopLevelSpec, { logger });
    const view = new vega.View(vega.parse(compiled.spec), {
      renderer: 'none',
      loader: REFUSING,
      logger,
    });
    const svg = await view.toSVG();
    view.finalize();
    if (errors.length > 0) throw errors[0];
    return tidied(svg, id);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LightexError('LTX_REPORT_INVALID', `Vega-Lite does not accept "spec": ${message}`, {
      cause,
    });
  }
}

/** Vega tells of errors in expressions and data to its logger only, and draws what is left. */
function collecting(errors: unknown[]): vega.LoggerInterface {
  const logger: vega.LoggerInterface = {
    level: (() => logger) as vega.LoggerInterface['level'],
    error: (...messages) => {
      errors.push(...messages);
      return logger;
    },
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

function tidied(svg: string, id: string): string {
  const names = new Map<string, string>();
  const renamed = (name: string) => {
    if (!names.has(name)) names.set(name, `${id}-${names.size}`);
    return names.get(name);
  };
  const tidyTag = (tag: string) =>
    tag
      .replace(
        /(id="|url\(#|href="#)((?:clip|gradient|pattern)[^")]*)/g,
        (_, before, name) => `${before}${renamed(name)}`,
      )
      .replace(/ (xmlns(:xlink)?|aria-[a-z]+|role|class|version|pointer-events)="[^"]*"/g, '')
      .replace(/ opacity="1"/, '')
      .replace(
        / (d|transform|[xy][12]?|width|height)="([^"]*)"/g,
        (_, name, value) => ` ${name}="${rounded(value)}"`,
      );
  return svg
    .replace(/<[^<>]*>/g, tidyTag)
    .replace(/<path d="(M0,0h0v0h0Z)?"( display="none")?\/>/g, '')
    .replace(/^<svg/, '<svg aria-hidden="true" focusable="false"');
}

/** One decimal is a tenth of a pixel: no eye sees more, and the file is a third smaller. */
function rounded(numbers: string): string {
  return numbers.replace(/-?\d+\.\d{2,}(e-?\d+)?/g, (text) =>
    String(Math.round(Number(text) * 10) / 10),
  );
}

function refused(uri: string): Error {
  return new Error(`"${uri}" is not loaded: a report is made of its query's rows alone`);
}
