import type { ErrorObject } from 'ajv/dist/2020.js';
import { didYouMean } from './nearest.ts';

/** What was found and what was expected, in words: the message of one schema error. */
export function messageOf(error: ErrorObject): string {
  const { keyword, params, data } = error;
  switch (keyword) {
    case 'additionalProperties':
      return `is not a setting here.${didYouMean(params.additionalProperty, settingsOf(error))}`;
    case 'required':
      return 'is missing';
    case 'type':
      return `${found(data)}; expected ${kindInWords(params.type)}`;
    case 'enum':
      return noneOf(data, params.allowedValues);
    case 'pattern':
      return `${misfit(data)}: expected ${expectation(error)}`;
    case 'minItems':
    case 'minProperties':
    case 'minLength':
      return `has ${sizeOf(data)} ${UNIT[keyword]}; expected at least ${params.limit}`;
    case 'maxProperties':
      return `has ${sizeOf(data)} fields; expected at most ${params.limit}`;
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
      return `${misfit(data)}: expected ${params.comparison} ${params.limit}`;
    default:
      return `${misfit(data)}: ${error.message ?? keyword}`;
  }
}

/** `"7" is a string`, `is an array`: the value, where it is short, and its kind. */
export function found(data: unknown): string {
  const kind = kindOf(data);
  return typeof data === 'object' ? `is ${kind}` : `${shown(data)} is ${kind}`;
}

/** The sentence for a value (or none, where there should be one) that is not one of those allowed. */
export function noneOf(data: unknown, allowed: readonly unknown[]): string {
  const names = allowed.map((value) => JSON.stringify(value));
  const expected = names.length === 1 ? `${names[0]}` : `one of ${names.join(', ')}`;
  if (data === undefined) return `is missing; expected ${expected}`;
  const near = typeof data === 'string' ? didYouMean(data, allowed.filter(isText)) : '';
  return `${misfit(data)}: expected ${expected}${near && `.${near}`}`;
}

/** `an object or an array`: kinds of JSON values in words. */
export function kindInWords(types: string | readonly string[]): string {
  return [types].flat().map(article).join(' or ');
}

const UNIT = { minItems: 'values', minProperties: 'fields', minLength: 'characters' } as const;

function kindOf(data: unknown): string {
  if (data === null) return 'null';
  return article(Array.isArray(data) ? 'array' : typeof data);
}

function article(type: string): string {
  if (type === 'null') return type;
  return `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`;
}

function misfit(data: unknown): string {
  return `${shown(data)} does not fit`;
}

function shown(data: unknown): string {
  const text = JSON.stringify(data);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** What a pattern wants is said by the schema's description; without one by the pattern. */
function expectation({ parentSchema, params }: ErrorObject): string {
  const description: unknown = parentSchema?.description;
  if (typeof description !== 'string') return `text that matches ${params.pattern}`;
  const sentence = description.replace(/\.$/, '');
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function sizeOf(data: unknown): number {
  if (Array.isArray(data) || typeof data === 'string') return data.length;
  return Object.keys(data as object).length;
}

function settingsOf({ parentSchema }: ErrorObject): readonly string[] {
  return Object.keys(parentSchema?.properties ?? {}).filter((name) => name !== '$schema');
}
