import { LightexError } from '../../model/errors.ts';
import { isErrno } from '../../platform/files.ts';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some disk space, or move the store to another disk (`store` in lightex.jsonnet)',
  EDQUOT:
    'The quota is used up: free some space there, or move the store (`store` in lightex.jsonnet)',
  EACCES: 'Give this user the right to write there',
  EROFS: 'The file system is mounted read-only',
  ESTALE: 'The shared folder was unmounted or replaced: mount it again',
};

/** What a failed system call means to the person who has to mend it. */
export function storeError(what: string, path: string, cause: unknown): LightexError {
  if (cause instanceof LightexError) return cause;
  const hint = Object.entries(HINTS).find(([code]) => isErrno(cause, code))?.[1];
  const told = cause instanceof Error ? cause.message : String(cause);
  return new LightexError('LTX_STORE_UNAVAILABLE', `cannot ${what} ${path}: ${told}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Does the work; a failure is LTX_STORE_UNAVAILABLE that names the path. */
export async function inStore<T>(what: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw storeError(what, path, cause);
  }
}
