import type { ComparedCode } from '../model/compared-code.ts';
import type { Experiment } from '../model/experiment.ts';
import { codeOf } from '../namedconf/plan.ts';
import type { SourceTree } from '../namedconf/source.ts';
import { objectsOf, tables } from './answers.ts';
import { literal } from './find-run.ts';

/**
 * Which runs of an experiment may be compared: those of the code that the tree holds, else of the code that ran last;
 * undefined when nothing has run.
 */
export async function comparedCode(
  store: string,
  experiment: Experiment,
  tree: SourceTree,
): Promise<ComparedCode | undefined> {
  const own = codeOf(experiment, tree);
  const sql = `SELECT code, count(*) AS n FROM runs WHERE experiment = ${literal(experiment.name)} GROUP BY code ORDER BY max(queued_at) DESC`;
  const [found] = await tables(store, [sql]);
  const codes = found === undefined ? [] : objectsOf(found);
  const chosen = codes.find(({ code }) => code === own) ?? codes[0];
  if (chosen === undefined) return undefined;
  const total = codes.reduce((sum, { n }) => sum + Number(n), 0);
  return {
    hash: String(chosen.code),
    isCited: chosen.code === own,
    otherRuns: total - Number(chosen.n),
  };
}
