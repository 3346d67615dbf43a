import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LightexError } from '../model/errors.ts';
import { childModule } from '../platform/package-files.ts';

const TIMEOUT_MS = 120_000;

/**
 * Builds the report of an experiment as it is at a commit, in a process of its own: the daemon holds neither DuckDB
 * nor Vega. The path of the file.
 */
export async function reportInChild(
  folder: string,
  experiment: string,
  commit: string,
): Promise<string> {
  const argv = [childModule('cli/main'), 'report', experiment, '--commit', commit, '--json'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, {
    cwd: folder,
    timeout: TIMEOUT_MS,
  }).catch((cause: Error & Partial<Record<'stdout' | 'stderr', string>>) => ({
    stdout: cause.stdout ?? '',
    stderr: cause.stderr || cause.message,
  }));
  const hint = `The runs are safe. Try again with: lightex report ${experiment}`;
  const [report] = builtIn(stdout);
  if (report === undefined) {
    throw new LightexError(
      'LTX_CHILD_FAILED',
      `the report of ${experiment} could not be built: ${stderr.trim()}`,
      { hint },
    );
  }
  if (report.problems.length === 0) return report.path;
  throw new LightexError(
    'LTX_REPORT_INVALID',
    `${report.path} lacks a part: ${report.problems.join('; ')}`,
    { hint },
  );
}

/** What the command printed; nothing when it is an error or was cut off. */
function builtIn(
  stdout: string,
): readonly { readonly path: string; readonly problems: readonly string[] }[] {
  try {
    const printed: unknown = JSON.parse(stdout);
    return Array.isArray(printed) ? printed : [];
  } catch {
    return []; // standard error says why
  }
}
