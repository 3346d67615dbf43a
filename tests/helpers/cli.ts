import { type ChildProcess, spawn } from 'node:child_process';
import { packageFile } from '../../src/platform/package-files.ts';

export interface CliEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CliEnd>;
  /** What it has written to standard error so far. */
  stderr(): string;
}

/** Starts the built `lightex` in a folder, without the git configuration of the machine. */
export function startCli(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): CliProcess {
  const child = spawn(process.execPath, [packageFile('dist/cli/main.js'), ...args], {
    cwd: folder,
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      NO_COLOR: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<CliEnd>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended, stderr: () => stderr };
}

/** Runs `lightex` to its end. */
export function cli(folder: string, ...args: string[]): Promise<CliEnd> {
  return startCli(folder, args).ended;
}

/** The JSON that a verb prints with `--json`. */
export async function cliJson<T>(folder: string, ...args: string[]): Promise<T> {
  const { stdout, stderr } = await cli(folder, ...args, '--json');
  try {
    return JSON.parse(stdout) as T;
  } catch (cause) {
    throw new Error(`no JSON from lightex ${args.join(' ')}: ${stdout}${stderr}`, { cause });
  }
}
