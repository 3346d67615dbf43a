import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LightexError } from '../model/errors.ts';
import type { Experiment } from '../model/experiment.ts';
import type { ReportFile } from '../model/schema.generated.ts';
import type { Project, Report } from '../namedconf/project.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { packageFile } from '../platform/package-files.ts';
import type { CommitFacts } from '../ports/repo.ts';
import type { QueryResult, RunQuery } from '../ports/store.ts';
import {
  type ExperimentFacts,
  type ReportDefinition,
  resolveDefinition,
} from '../qviz/definition.ts';
import { firstQueries, nextQueries } from '../qviz/queries.ts';
import { buildReport, type ReportContext } from '../qviz/report.ts';
import { renderChart } from '../qviz/vega/render.ts';

const LIMITS = { maxRows: 20_001, timeoutMs: 90_000, memoryBytes: 2 * 2 ** 30 };

/** Where a definition was read, as the page cites it. */
export interface Cited {
  readonly facts: CommitFacts;
  readonly branch: string;
  readonly version: string;
}

/** One page to build. */
export interface ReportTarget {
  /** Name of the page's file, without .html. */
  readonly name: string;
  readonly file: Report | undefined;
  readonly experiment: ExperimentFacts & { readonly file: string };
}

/**
 * The pages of a project: one for each experiment (its own report, or the built-in comparison), and one for each
 * file of reports/ that no experiment names.
 */
export function reportTargets({ experiments, reports }: Project): readonly ReportTarget[] {
  const ofExperiments = experiments.map((experiment) => ({
    name: experiment.name,
    file: reports.find((report) => report.name === experiment.report),
    experiment: factsOf(experiment),
  }));
  const named = new Set(experiments.map(({ report }) => report));
  const others = reports.filter(({ name }) => !named.has(name));
  const taken = new Set(experiments.map(({ name }) => name));
  return [
    ...ofExperiments,
    ...others.map((file) => ({
      name: taken.has(file.name) ? `${file.name}.report` : file.name,
      file,
      experiment: factsFor(file.definition, experiments),
    })),
  ];
}

/** Builds one page into the folder; the path of the file. */
export async function writeReport(
  target: ReportTarget,
  query: RunQuery,
  cited: Cited,
  folder: string,
): Promise<string> {
  const definition = resolveDefinition(target.file?.definition, target.experiment);
  const { html } = await buildReport(
    definition,
    await answersTo(definition, query),
    await contextOf(target, cited),
    renderChart,
  );
  const path = join(folder, `${target.name}.html`);
  await writeFileAtomic(path, html);
  return path;
}

async function answersTo(
  definition: ReportDefinition,
  query: RunQuery,
): Promise<ReadonlyMap<string, QueryResult>> {
  const first = await ask(firstQueries(definition), query);
  return new Map([...first, ...(await ask(nextQueries(definition, first), query))]);
}

async function ask(
  queries: ReadonlyMap<string, string>,
  query: RunQuery,
): Promise<ReadonlyMap<string, QueryResult>> {
  if (queries.size === 0) return new Map();
  const answers = await query.query([...queries.values()], LIMITS);
  return new Map([...queries.keys()].map((name, index) => [name, answers[index] as QueryResult]));
}

async function contextOf(
  { file, experiment }: ReportTarget,
  { facts, branch, version }: Cited,
): Promise<ReportContext> {
  const text = await readFile(packageFile('src/web/style.css'), 'utf8');
  return {
    generatorVersion: version,
    commit: facts.commit,
    branch,
    committedAt: new Date(facts.committedAt).toISOString(),
    files: { experiment: experiment.file, ...(file === undefined ? {} : { report: file.file }) },
    reproduce: `lightex report ${file?.name ?? experiment.name} --commit ${facts.commit.slice(0, 12)}`,
    style: { text, sha256: createHash('sha256').update(text).digest('base64') },
  };
}

function factsOf({
  name,
  file,
  description,
  params,
  objective,
}: Experiment): ReportTarget['experiment'] {
  return { name, file, description, params, ...(objective === undefined ? {} : { objective }) };
}

function factsFor(
  { from }: ReportFile,
  experiments: readonly Experiment[],
): ReportTarget['experiment'] {
  const experiment = experiments.find(({ name }) => name === from?.experiment);
  if (experiment !== undefined) return factsOf(experiment);
  throw new LightexError(
    'LTX_REPORT_INVALID',
    `a report is of no experiment: from.experiment is ${JSON.stringify(from?.experiment ?? null)}`,
    {
      hint: 'Name an experiment of this workspace in from.experiment',
    },
  );
}
