/** The only place that escapes: everything on a page goes through `html`. */

import { LightexError } from '../model/errors.ts';

/** Text that is HTML already; made by `html` and `trusted` only. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What a template takes: fragments as they are, lists joined, nothing for undefined, null and false; all else is escaped. */
export type Content = Html | string | number | undefined | null | false | readonly Content[];

const ENTITY: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The text with every character escaped that means something in text or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITY[character] ?? character);
}

/**
 * A fragment from a template; values are escaped unless they are fragments.
 * @throws LTX_INTERNAL when a value stands in an attribute without quotes, where escaping does not help.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  let text = parts[0] ?? '';
  values.forEach((value, i) => {
    if (/<[^<>]*=$/.test(parts[i] ?? '')) {
      throw new LightexError('LTX_INTERNAL', `an attribute without quotes: ${parts[i]}`);
    }
    text += rendered(value) + (parts[i + 1] ?? '');
  });
  return new Html(text);
}

/** A fragment from text that is known to be safe: the stylesheet, a rendered chart. Never what a run wrote. */
export function trusted(text: string): Html {
  return new Html(text);
}

function rendered(value: Content): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(rendered).join('');
  return escapeHtml(String(value));
}
