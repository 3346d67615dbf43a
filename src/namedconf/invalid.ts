import { type ErrorCode, LightexError, type Problem } from '../model/errors.ts';
import type { Evaluated, SourceFiles } from '../ports/system.ts';

/** The error of a file that cannot be used, with all that is wrong with it. */
export function invalidFile(
  code: ErrorCode,
  file: string,
  problems: readonly Problem[],
): LightexError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new LightexError(code, `${file}: ${count}`, {
    problems,
    hint: `Check again with: lightex check ${file}`,
  });
}

type EvaluationError = Extract<Evaluated, { readonly error: unknown }>['error'];

/** What the evaluator said, with the line of source it points to; in `file` where it named no place of its own. */
export function evaluationProblem(
  error: EvaluationError,
  file: string,
  files: SourceFiles,
): Problem {
  if (error.file === undefined || error.line === undefined)
    return { file, at: '', message: error.message };
  const source = files.get(error.file)?.split('\n')[error.line - 1];
  return {
    file: error.file,
    at: `${error.line}:${error.column ?? 1}`,
    message: error.message,
    ...(source !== undefined && { source }),
  };
}

/** The code of an evaluation that failed: a limit is a fault of its own. */
export function evaluationCode(error: EvaluationError): ErrorCode {
  return error.limited === true ? 'LTX_CONFIG_LIMIT' : 'LTX_CONFIG_EVALUATION';
}
