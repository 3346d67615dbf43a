import type { Problem } from '../model/errors.ts';
import { makePlan } from '../namedconf/plan.ts';
import { loadRunners } from '../namedconf/runners.ts';
import { problemsOf } from './problems.ts';
import type { WorkingCopy } from './working-copy.ts';

export interface CheckedFile {
  readonly file: string;
  /** What the file is, in a few words: `penguins: 72 trials`. */
  readonly summary: string;
}

export interface Checked {
  readonly files: readonly CheckedFile[];
  readonly problems: readonly Problem[];
}

/** Everything in the working directory, each cell evaluated; files in order, and all that is wrong with them. */
export async function checkWorkspace(copy: WorkingCopy): Promise<Checked> {
  const { tree, project } = copy;
  const invalid = [...project.invalid.keys()].map((file) => ({ file, summary: '' }));
  const settings = tree.entries.has('lightex.jsonnet')
    ? [{ file: 'lightex.jsonnet', summary: 'settings' }]
    : [];
  const reports = project.reports.map(({ file, name }) => ({ file, summary: `report ${name}` }));
  const [experiments, runners] = [await checkExperiments(copy), await checkRunners(copy)];
  const files = [...invalid, ...settings, ...reports, ...experiments.files, ...runners.files];
  return {
    files: files.sort((a, b) => (a.file < b.file ? -1 : 1)),
    problems: [...project.problems, ...experiments.problems, ...runners.problems],
  };
}

async function checkExperiments({ tree, vm, validate, project }: WorkingCopy): Promise<Checked> {
  const files: CheckedFile[] = [];
  const problems: Problem[] = [];
  for (const experiment of project.experiments) {
    const { file, name } = experiment;
    try {
      const { trials } = await makePlan(experiment, project, tree, vm, validate);
      files.push({
        file,
        summary: `${name}: ${trials.length} trial${trials.length === 1 ? '' : 's'}`,
      });
    } catch (cause) {
      files.push({ file, summary: name });
      problems.push(...problemsOf(cause, file));
    }
  }
  return { files, problems };
}

async function checkRunners({ tree, vm, validate }: WorkingCopy): Promise<Checked> {
  const runners = await loadRunners(tree, vm, validate);
  const valid = [...runners.files].map(([file, { name }]) => ({ file, summary: `runner ${name}` }));
  const invalid = [...runners.invalid.keys()].map((file) => ({ file, summary: '' }));
  return {
    files: [...valid, ...invalid],
    problems: [...runners.invalid].flatMap(([file, error]) => problemsOf(error, file)),
  };
}
