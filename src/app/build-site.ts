import { openMirror } from '../git/simple-git/mirror.ts';
import { LightexError } from '../model/errors.ts';
import type { CommitSha } from '../model/experiment.ts';
import { loadProject, type Project } from '../namedconf/project.ts';
import type { SourceTree } from '../namedconf/source.ts';
import type { Repo } from '../ports/repo.ts';
import { openRunQuery } from '../store/disk/query.ts';
import { tables } from './answers.ts';
import {
  type BuiltReport,
  type Cited,
  type ReportTargets,
  reportTargets,
  writeReport,
} from './build-report.ts';
import { comparedCode } from './compared-code.ts';
import { sourceTree } from './source-tree.ts';
import { type WorkingCopy, withWorkingCopy } from './working-copy.ts';
import { storeFolder } from './workspace.ts';

export interface SiteRequest {
  /** An experiment or a file of reports/; undefined: all. */
  readonly name: string | undefined;
  /** Whose experiments and reports; undefined: the working directory's. */
  readonly commit: string | undefined;
  /** Folder of the pages; undefined: the workspace's site. */
  readonly out: string | undefined;
  readonly version: string;
}

export interface Site {
  readonly built: readonly BuiltReport[];
  /** Names of pages that could not be built at all. */
  readonly broken: ReadonlyMap<string, LightexError>;
}

/** Builds the pages that are asked for. @throws LTX_NOT_FOUND, or why the one that is asked for is broken */
export function buildSite(folder: string, request: SiteRequest): Promise<Site> {
  return withWorkingCopy(folder, async (copy) => {
    const { project, tree, cited } = await definitions(copy, request);
    const { targets, broken } = chosen(reportTargets(project), request.name);
    const store = storeFolder(copy.workspace, copy.project.settings.store);
    const query = openRunQuery(store);
    const built: BuiltReport[] = [];
    for (const target of targets) {
      const code = await comparedCode(store, target.experiment, tree);
      built.push(await writeReport(target, code, query, cited, request.out ?? copy.workspace.site));
    }
    return { built, broken };
  });
}

interface Definitions {
  readonly project: Project;
  readonly tree: SourceTree;
  readonly cited: Cited;
}

async function definitions(
  copy: WorkingCopy,
  { commit, version }: SiteRequest,
): Promise<Definitions> {
  if (commit !== undefined) {
    const { repo, facts } = await findCommit(copy, commit);
    const tree = await sourceTree(repo, facts.tree);
    const project = await loadProject(tree, copy.vm, copy.validate);
    return { project, tree, cited: { facts, branch: await branchOf(copy, facts.commit), version } };
  }
  const branch = (await copy.checkout.branch()) ?? 'no branch';
  const head = await copy.checkout.head();
  if (head === undefined) {
    throw new LightexError(
      'LTX_NOT_FOUND',
      'there is no commit yet, so no run and nothing to report',
      {
        hint: 'Commit and push first',
      },
    );
  }
  const isClean = head.tree === copy.snapshot.tree;
  const where = isClean ? branch : `${branch}, with changes that are not committed`;
  return { project: copy.project, tree: copy.tree, cited: { facts: head, branch: where, version } };
}

/** A commit of this repository, or of the remote that the workspace's runner watches. @throws LTX_NOT_FOUND */
async function findCommit({ workspace, checkout }: WorkingCopy, commit: string) {
  if (!/^[0-9a-f]{4,64}$/.test(commit))
    throw new LightexError('LTX_USAGE', `"${commit}" is not a commit's id`);
  const { mirror, trees } = workspace;
  const places: readonly Pick<Repo, 'facts' | 'entries' | 'read'>[] = [
    { ...checkout.objects(trees), facts: checkout.facts },
    await openMirror({ folder: mirror, treesFolder: trees, url: '', prefix: checkout.prefix }),
  ];
  for (const repo of places) {
    try {
      return { repo, facts: await repo.facts(commit as CommitSha) };
    } catch (cause) {
      if (!(cause instanceof LightexError) || cause.code !== 'LTX_GIT_FAILED') throw cause; // not here: look on
    }
  }
  throw new LightexError(
    'LTX_NOT_FOUND',
    `neither this repository nor the runner's mirror has the commit ${commit}`,
  );
}

/** The branch by whose push the commit's runs were started. */
async function branchOf({ workspace, project }: WorkingCopy, commit: CommitSha): Promise<string> {
  const sql = `SELECT branch FROM runs WHERE commit = '${commit}' LIMIT 1`;
  const [found] = await tables(storeFolder(workspace, project.settings.store), [sql]);
  return String(found?.rows[0]?.[0] ?? 'no branch');
}

function chosen({ targets, broken }: ReportTargets, name: string | undefined): ReportTargets {
  if (name === undefined) return { targets, broken };
  const found =
    targets.find((target) => target.name === name) ??
    targets.find(({ file }) => file?.name === name);
  if (found !== undefined) return { targets: [found], broken: new Map() };
  const why = broken.get(name);
  if (why !== undefined) throw why;
  throw new LightexError('LTX_NOT_FOUND', `there is no experiment and no report "${name}"`, {
    hint:
      targets.length === 0
        ? 'experiments/ has none that is valid: lightex check'
        : `There is: ${targets.map((target) => target.name).join(', ')}`,
  });
}
