import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComparedCode } from '../model/compared-code.ts';
import { LightexError } from '../model/errors.ts';
import type { Experiment } from '../model/experiment.ts';
import type { Project, Report } from '../namedconf/project.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { packageFile } from '../platform/package-files.ts';
import type { CommitFacts } from '../ports/repo.ts';
import type { QueryResult, RunQuery } from '../ports/store.ts';
import { type ReportDefinition, resolveDefinition } from '../qviz/definition.ts';
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
  readonly experiment: Experiment;
}

/** The pages of a project, and names of those that cannot be built because a file of theirs is broken. */
export interface ReportTargets {
  readonly targets: readonly ReportTarget[];
  readonly broken: ReadonlyMap<string, LightexError>;
}

/**
 * One page for each experiment (its own report, or the built-in comparison), and one for each file of reports/ that no
 * experiment names.
 */
export function reportTargets({ experiments, reports, invalid }: Project): ReportTargets {
  const broken = new Map([...invalid].map(([file, error]) => [baseName(file), error]));
  const targets: ReportTarget[] = [];
  for (const experiment of experiments) {
    const why = invalid.get(`reports/${experiment.report}.jsonnet`);
    const file = reports.find(({ name }) => name === experiment.report);
    if (why === undefined) targets.push({ name: experiment.name, file, experiment });
    else broken.set(experiment.name, why);
  }
  const named = new Set(experiments.map(({ report }) => report));
  const taken = new Set(experiments.map(({ name }) => name));
  for (const file of reports.filter(({ name }) => !named.has(name))) {
    const experiment = experiments.find(({ name }) => name === file.definition.from?.experiment);
    const name = taken.has(file.name) ? `${file.name}.report` : file.name;
    if (experiment === undefined) broken.set(name, ofNoExperiment(file));
    else targets.push({ name, file, experiment });
  }
  return { targets, broken };
}

function ofNoExperiment({ file, definition }: Report): LightexError {
  const named = JSON.stringify(definition.from?.experiment ?? null);
  return new LightexError(
    'LTX_REPORT_INVALID',
    `${file} is of no experiment that is valid: from.experiment is ${named}`,
    {
      hint: 'Name an experiment of this workspace in from.experiment, or name the report in an experiment',
    },
  );
}

const baseName = (path: string) => path.replace(/^.*\//, '').replace(/\.json(net)?$/, '');

/** A page that was built. */
export interface BuiltReport {
  readonly name: string;
  readonly path: string;
  /** What of it could not be made, one line each; the page shows it too. */
  readonly problems: readonly string[];
}

/** Builds one page into the folder, of the runs of this code. */
export async function writeReport(
  target: ReportTarget,
  code: ComparedCode | undefined,
  query: RunQuery,
  cited: Cited,
  folder: string,
): Promise<BuiltReport> {
  const { name, description, params, objective } = target.experiment;
  const facts = {
    name,
    description,
    params,
    ...(objective && { objective }),
    ...(code && { code }),
  };
  const definition = resolveDefinition(target.file?.definition, facts);
  const answers = await answersTo(definition, query);
  const { html, problems } = await buildReport(
    definition,
    answers,
    await contextOf(target, cited),
    renderChart,
  );
  const path = join(folder, `${target.name}.html`);
  await writeFileAtomic(path, html);
  return { name: target.name, path, problems };
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
