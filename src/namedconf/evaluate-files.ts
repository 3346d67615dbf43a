import type { LightexError } from '../model/errors.ts';
import type { Json } from '../model/experiment.ts';
import type { ConfigVm, SourceFiles } from '../ports/system.ts';
import { evaluationCode, evaluationProblem, invalidFile } from './invalid.ts';
import { collectSources, type SourceTree } from './source.ts';

export interface EvaluatedFiles {
  readonly files: SourceFiles;
  /** By path, in the order asked. */
  readonly values: ReadonlyMap<string, Json>;
  /** Files without a value, and why. */
  readonly invalid: ReadonlyMap<string, LightexError>;
}

/** The values of Jsonnet and JSON files, all in one call of the evaluator. */
export async function evaluateFiles(
  tree: SourceTree,
  vm: ConfigVm,
  paths: readonly string[],
): Promise<EvaluatedFiles> {
  const { files, invalid } = await collectSources(tree, paths);
  const sound = paths.filter((path) => !invalid.has(path));
  const answers = await vm.evaluate(files, sound.map(importing));
  const values = new Map<string, Json>();
  const failed = new Map(invalid);
  for (const [index, path] of sound.entries()) {
    const answer = answers[index];
    if (answer === undefined) continue;
    if ('value' in answer) values.set(path, answer.value);
    else {
      const problem = evaluationProblem(answer.error, path, files);
      failed.set(path, invalidFile(evaluationCode(answer.error), path, [problem]));
    }
  }
  return { files, values, invalid: failed };
}

/** Jsonnet whose value is that of the file. */
export function importing(path: string): string {
  return `(import ${JSON.stringify(path)})`;
}
