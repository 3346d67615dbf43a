import { LightexError } from './errors.ts';

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Milliseconds of `"90s"`, `"1h30m"`, `"250ms"`. @throws LTX_CONFIG_INVALID on anything else. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new LightexError('LTX_CONFIG_INVALID', `"${text}" is not a duration`, {
      hint: 'Write a number and a unit, such as "90s", "10m" or "1h30m"',
    });
  }
  return parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * scaleOf(DURATION_MS, unit),
    0,
  );
}

/** Bytes of `"512Mi"`, `"4G"`, `"1000"` (Kubernetes' suffixes). @throws LTX_CONFIG_INVALID on anything else. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(|k|M|G|T|Ki|Mi|Gi|Ti)$/.exec(text);
  if (match === null) {
    throw new LightexError('LTX_CONFIG_INVALID', `"${text}" is not an amount of memory`, {
      hint: 'Write a number and a unit, such as "512Mi" or "4Gi"',
    });
  }
  return Math.round(Number(match[1]) * scaleOf(BYTES, match[2]));
}

/** A duration for people: `850ms`, `12.3s`, `4m05s`, `2h07m`, `3d04h`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor((seconds % 86_400) / 3_600),
    Math.floor((seconds % 3_600) / 60),
  ];
  if (days > 0) return `${days}d${pad(hours)}h`;
  if (hours > 0) return `${hours}h${pad(minutes)}m`;
  return `${minutes}m${pad(seconds % 60)}s`;
}

/** An amount of bytes for people, in binary units: `512B`, `1.5Ki`, `32Gi`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 2 ** (10 * power);
  return `${Number(amount.toFixed(1))}${units[power]}`;
}

const pad = (value: number) => String(value).padStart(2, '0');
const scaleOf = (scales: Readonly<Record<string, number>>, unit = '') => scales[unit] ?? Number.NaN;
