import { openMirror } from '../git/simple-git/mirror.ts';
import { LightexError } from '../model/errors.ts';
import type { CommitSha } from '../model/experiment.ts';
import { loadProject } from '../namedconf/project.ts';
import type { Repo } from '../ports/repo.ts';
import { openRunQuery } from '../store/disk/query.ts';
import { tables } from './answers.ts';
import { type Cited, type ReportTarget, reportTargets, writeReport } from './build-report.ts';
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

/** Builds the pages that are asked for. @throws LTX_NOT_FOUND, LTX_REPORT_INVALID */
export function buildSite(
  folder: string,
  request: SiteRequest,
): Promise<readonly { readonly name: string; readonly path: string }[]> {
  return withWorkingCopy(folder, async (copy) => {
    const { targets, cited } = await definitions(copy, request);
    const query = openRunQuery(storeFolder(copy.workspace, copy.project.settings.store));
    const built = [];
    for (const target of chosen(targets, request.name)) {
      built.push({
        name: target.name,
        path: await writeReport(target, query, cited, request.out ?? copy.workspace.site),
      });
    }
    return built;
  });
}

async function definitions(
  copy: WorkingCopy,
  { commit, version }: SiteRequest,
): Promise<{ targets: readonly ReportTarget[]; cited: Cited }> {
  if (commit !== undefined) {
    const { repo, facts } = await findCommit(copy, commit);
    const project = await loadProject(await sourceTree(repo, facts.tree), copy.vm, copy.validate);
    return {
      targets: reportTargets(project),
      cited: { facts, branch: await branchOf(copy, facts.commit), version },
    };
  }
  const branch = (await copy.checkout.branch()) ?? 'no branch';
  const head = await copy.checkout.head();
  if (head === undefined) {
    throw new LightexError(
      'LTX_NOT_FOUND',
      'there is no commit yet, so no run and nothing to report',
      { hint: 'Commit and push first' },
    );
  }
  const isClean = head.tree === copy.snapshot.tree;
  return {
    targets: reportTargets(copy.project),
    cited: {
      facts: head,
      branch: isClean ? branch : `${branch}, with changes that are not committed`,
      version,
    },
  };
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

function chosen(
  targets: readonly ReportTarget[],
  name: string | undefined,
): readonly ReportTarget[] {
  if (name === undefined) return targets;
  const found =
    targets.find((target) => target.name === name) ??
    targets.find(({ file }) => file?.name === name);
  if (found !== undefined) return [found];
  throw new LightexError('LTX_NOT_FOUND', `there is no experiment and no report "${name}"`, {
    hint:
      targets.length === 0
        ? 'experiments/ has none that is valid: lightex check'
        : `There is: ${targets.map((target) => target.name).join(', ')}`,
  });
}
