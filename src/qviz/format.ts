/** How numbers, times and words are written in a report. What is missing is always `–`. */

import type { Json } from '../model/experiment.ts';
import type { Sample } from './stats.ts';

export const MISSING = '–';
/** A space at which no line is broken. */
export const NBSP = '\u00a0';

/** Four significant digits (or `digits`), without an exponent between 0.001 and 100,000; missing values are a dash. */
export function formatNumber(value: Json | undefined, digits = 4): string {
  if (typeof value === 'string' && value !== '') return value.replace('-', '−');
  if (typeof value !== 'number' || Number.isNaN(value)) return MISSING;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return signed(grouped(String(value)));
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
    return signed(`${trimmed(mantissa)}e${exponent.replace('+', '')}`);
  }
  return signed(value.toFixed(decimalsOf(value, digits)));
}

/** The same in its shortest form: at most `digits` significant digits and no zeros at the end. */
export function formatShort(value: Json | undefined, digits = 4): string {
  const text = formatNumber(value, digits);
  return typeof value !== 'number' || text.includes('e') ? text : trimmed(text);
}

/** Mean and spread with the same decimals: `0.9394 ± 0.0025`; each part a dash-free string or undefined. */
export function formatSample(sample: Sample): { mean: string; sd: string | undefined } {
  const { mean, sd } = sample;
  if (mean === undefined) return { mean: MISSING, sd: undefined };
  if (sd === undefined) return { mean: formatNumber(mean), sd: undefined };
  const plain = [mean, sd].every((value) => value === 0 || fitsDecimals(value, mean));
  if (!plain) return { mean: formatNumber(mean), sd: formatNumber(sd, 2) };
  const decimals = decimalsOf(mean === 0 ? sd : mean, 4);
  return { mean: signed(mean.toFixed(decimals)), sd: sd.toFixed(decimals) };
}

/** `1,234,567`. */
export function formatCount(value: number): string {
  return grouped(String(Math.round(value)));
}

/** `8 runs`, `1 run`. */
export function counted(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** The largest unit that gives at least one: seconds, minutes, hours, days. */
export function formatSeconds(value: Json | undefined): { value: string; unit: string } {
  if (typeof value !== 'number') return { value: MISSING, unit: '' };
  if (value < 120) return { value: formatNumber(value, 3), unit: 's' };
  if (value < 7200) return { value: (value / 60).toFixed(1), unit: 'min' };
  if (value < 48 * 3600) return { value: (value / 3600).toFixed(1), unit: 'h' };
  return { value: (value / 86_400).toFixed(1), unit: 'days' };
}

/** `2026-11-23 23:10 UTC` from an ISO time. */
export function formatTime(iso: Json | undefined): string {
  if (typeof iso !== 'string' || iso === '') return MISSING;
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** A value of a parameter or of a cell as text; strings without quotes, everything else as JSON. */
export function formatValue(value: Json | undefined): string {
  if (value === undefined || value === null) return MISSING;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The first characters that tell a commit or a run from another. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** Decimals that show `digits` significant digits. */
function decimalsOf(value: number, digits: number): number {
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return Math.max(0, digits - 1 - Math.max(magnitude, -3));
}

function fitsDecimals(value: number, mean: number): boolean {
  const size = Math.abs(value);
  return (
    size >= 10 ** -decimalsOf(mean, 4) / 2 && size < 1e5 && (mean === 0 || Math.abs(mean) >= 1e-3)
  );
}

function trimmed(mantissa: string): string {
  return mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

function signed(text: string): string {
  return text.replace('-', '−').replace('e−', 'e-');
}
