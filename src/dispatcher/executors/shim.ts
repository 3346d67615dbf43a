import { constants } from 'node:os';
import type { JobExit } from '../../model/run.ts';

/**
 * What stands between us and the command: it outlives INT and TERM, which go to the whole group, and leaves the exit
 * code in a file, so that nobody has to be there when the command ends. The command runs in the foreground: a
 * background child of a shell would ignore INT. `exec` in a subshell finds programs only, never words of the shell.
 */
const SHIM = `
exit_file=$1
shift
trap : INT TERM
(exec "$@")
code=$?
echo "$code" > "$exit_file"
`;

/** argv that runs a command and writes its exit code to the file. */
export function shimmed(exitFile: string, argv: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', SHIM, 'lightex', exitFile, ...argv];
}

const SIGNAL_BY_NUMBER = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number as number, name]),
);

/**
 * How the command ended, from what the shim wrote: a shell says 128 + n for a signal.
 * Undefined while the line is not whole: the file is made before it is written.
 */
export function exitOf(text: string | undefined): JobExit | undefined {
  if (text === undefined || !text.endsWith('\n')) return undefined;
  const code = Number(text);
  if (code > 128 && code <= 192) {
    return {
      kind: 'signalled',
      signal: SIGNAL_BY_NUMBER.get(code - 128) ?? `signal ${code - 128}`,
    };
  }
  return { kind: 'exited', code };
}
