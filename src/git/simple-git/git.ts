import { simpleGit } from 'simple-git';
import { LightexError } from '../../model/errors.ts';

/** Exit code, standard output and standard error of one git command. */
export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitOptions {
  /** Written to standard input. */
  readonly input?: string;
  /** Added to the environment: names of `ADDED_VARIABLES` only. */
  readonly env?: Readonly<Partial<Record<(typeof ADDED_VARIABLES)[number], string>>>;
  /** Exit codes that are answers, not failures; 0 always is one. */
  readonly answers?: readonly number[];
  /**
   * Whose configuration git reads: none but the repository's own (`ours`, for everything in our mirror), or also the
   * host's (`host`, for the network and for the user's own checkout: credential helpers, `insteadOf`, proxies, filters).
   */
  readonly config?: 'ours' | 'host';
  /** Protocols that git may speak, such as `https`; none by default. */
  readonly protocol?: string;
}

/** In the environment of a git that we started: the folder it works in. */
export const GIT_MARK = 'LIGHTEX_GIT_IN';

/** Runs one git command. @throws LTX_GIT_FAILED with what git said. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitAnswer>;

const ADDED_VARIABLES = [
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
] as const;
const OUR_VARIABLES = [
  'GIT_OPTIONAL_LOCKS',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_TERMINAL_PROMPT',
  'GIT_ALLOW_PROTOCOL',
];
/** What of the host's environment the network and the host's configuration need. */
const HOST_VARIABLES = [
  'PATH',
  'HOME',
  'XDG_CONFIG_HOME',
  'TMPDIR',
  'USER',
  'LOGNAME',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
  'ALL_PROXY',
];
const HOST_GIT_VARIABLES = [
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_SSH_COMMAND',
  'GIT_SSH',
];
/** Nothing that a repository or its configuration names may be executed, but what the host itself configured. */
const HARDENING = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'submodule.recurse=false',
  'gc.auto=0',
  'core.quotePath=false',
];
/** A command of the network that says nothing for so long is given up. */
const SILENCE_MS = 60_000;

/**
 * git in one folder, hardened: the only place of the program that starts git.
 * The environment is a list of names, never the whole of ours; hooks, monitors and submodules are off; no prompts.
 */
export function gitIn(folder: string): Git {
  return async (args, options = {}) => {
    let code = 0;
    let stdout = Buffer.alloc(0);
    let stderr = '';
    const git = simpleGit({
      baseDir: folder,
      config: [...HARDENING, `safe.directory=${folder}`],
      allowEnvironment: [...ADDED_VARIABLES, ...OUR_VARIABLES, ...HOST_GIT_VARIABLES],
      unsafe: {
        allowUnsafeConfigPaths: true,
        allowUnsafeHooksPath: true,
        allowUnsafeFsMonitor: true,
        allowUnsafeSshCommand: true,
        allowUnsafeSubmodule: true,
      },
      timeout: { block: SILENCE_MS },
      // Without this simple-git resolves when git fails silently: the exit code decides, and nothing else.
      errors: (error, result) => {
        code = result.exitCode;
        // Bytes: what the task resolves with is decoded text, which loses the lengths of blobs that are not UTF-8.
        stdout = Buffer.concat(result.stdOut);
        stderr = Buffer.concat(result.stdErr).toString();
        if (error instanceof Error && !('task' in error)) return error;
        return code === 0 || options.answers?.includes(code) ? undefined : new Error(stderr);
      },
      ...(options.input === undefined ? {} : { input: () => options.input }),
    });
    try {
      await git.env({ ...environmentOf(options), [GIT_MARK]: folder }).raw([...args]);
      return { code, stdout, stderr };
    } catch (cause) {
      throw failureOf(args, code, stderr, cause);
    }
  };
}

function environmentOf(options: GitOptions): Record<string, string> {
  const host = options.config === 'host';
  const env: Record<string, string> = {
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: options.protocol ?? 'none',
    ...(host ? {} : { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }),
  };
  for (const name of [...HOST_VARIABLES, ...(host ? HOST_GIT_VARIABLES : [])]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...options.env };
}

function failureOf(
  args: readonly string[],
  code: number,
  stderr: string,
  cause: unknown,
): LightexError {
  const said = stderr.trim() || (cause instanceof Error ? cause.message : String(cause));
  return new LightexError('LTX_GIT_FAILED', `git ${args[0]} failed (exit ${code}): ${said}`, {
    cause,
  });
}
