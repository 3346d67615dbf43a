import { spawn } from 'node:child_process';
import { childModule } from './package-files.ts';

/**
 * What RLIMIT_DATA counts of a Node that does nothing, measured with some room: 100 MiB in Node 20, 560 MiB in Node 24,
 * most of it reserved and never used.
 */
const BARE_NODE_BYTES = (Number.parseInt(process.versions.node, 10) >= 22 ? 640 : 128) * 2 ** 20;

/**
 * What a child may use; memory beyond what Node itself takes, by RLIMIT_DATA: the address space of Node alone is larger
 * than any sensible limit of that.
 */
export interface ChildLimits {
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  readonly timeoutMs: number;
  readonly outputBytes: number;
}

export interface ChildEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Which limit of ours ended it, if one did; a child at its memory limit ends itself, by abort or out-of-memory. */
  readonly stopped: 'timeout' | 'output' | undefined;
}

const LIMIT_THEN_RUN = 'ulimit -d "$1" && ulimit -t "$2" && shift 2 && exec "$@"';

/**
 * Runs a compiled module of ours as a process of its own, `input` on its standard input, within limits.
 * It gets PATH, LANG and TMPDIR of our environment and what `env` adds; nothing of it outlives the call.
 */
export function runLimited(
  module: string,
  input: string,
  limits: ChildLimits,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildEnd> {
  const { PATH = '', LANG = 'C.UTF-8', TMPDIR = '/tmp' } = process.env;
  const kilobytes = String(Math.ceil((BARE_NODE_BYTES + limits.memoryBytes) / 1024));
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      LIMIT_THEN_RUN,
      'sh',
      kilobytes,
      String(limits.cpuSeconds),
      process.execPath,
      childModule(module),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH, LANG, TMPDIR, ...env }, detached: true },
  );
  let stopped: ChildEnd['stopped'];
  const stop = (why: 'timeout' | 'output') => {
    stopped ??= why;
    // The group, so that nothing that the child started stays; it may be gone already.
    try {
      process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
    } catch {}
  };
  const timer = setTimeout(() => stop('timeout'), limits.timeoutMs);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let bytes = 0;
  const collect = (into: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.outputBytes) stop('output');
    else into.push(chunk);
  };
  child.stdout.on('data', collect(stdout));
  child.stderr.on('data', collect(stderr));
  // A child that ends before it read everything: its exit tells more than EPIPE.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(cause);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        code,
        signal,
        stopped,
      });
    });
  });
}
