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
  try {
    const { stdout } = await promisify(execFile)(process.execPath, argv, {
      cwd: folder,
      timeout: TIMEOUT_MS,
    });
    const [report] = JSON.parse(stdout) as { path: string }[];
    return report?.path ?? '';
  } catch (cause) {
    const said =
      cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new LightexError(
      'LTX_CHILD_FAILED',
      `the report of ${experiment} could not be built: ${said}`,
      {
        hint: `The runs are safe. Try again with: lightex report ${experiment}`,
        cause,
      },
    );
  }
}
