import { LightexError, type Problem } from '../model/errors.ts';

/** What a failed evaluation says as problems of a file; anything but a user's mistake is thrown on. */
export function problemsOf(cause: unknown, file: string): readonly Problem[] {
  if (!(cause instanceof LightexError) || cause.fault !== 'user') throw cause;
  if (cause.problems.length > 0) return cause.problems;
  return [
    {
      file,
      at: '',
      message: cause.hint === undefined ? cause.message : `${cause.message}. ${cause.hint}`,
    },
  ];
}
