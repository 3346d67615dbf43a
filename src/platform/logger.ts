import { pino } from 'pino';
import type { Logger } from '../ports/system.ts';

/** JSON lines on standard error. `level` is pino's: debug, info, warn, error, silent. */
export function openLogger(level: string): Logger {
  const log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  const write =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: object = {}) =>
      log[name]({ event, ...fields });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
