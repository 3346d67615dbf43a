import { distance } from 'fastest-levenshtein';
import type { ErrorCode, LightexError, Problem } from '../model/errors.ts';
import type { TreeEntry } from '../ports/repo.ts';
import type { SourceFiles } from '../ports/system.ts';
import { type Import, importsOf, LIBRARY, resolveImport } from './imports.ts';
import { invalidFile } from './invalid.ts';

/** The files of a workspace at one commit (or snapshot); paths are from the workspace's root. */
export interface SourceTree {
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** Texts in the order of the paths; each path is a key of `entries`. */
  read(paths: readonly string[]): Promise<readonly string[]>;
}

export interface Sources {
  /** Everything that the roots import, directly or not, and the roots. */
  readonly files: SourceFiles;
  /** Roots that import what they may not, or what is not there; nothing may be evaluated from them. */
  readonly invalid: ReadonlyMap<string, LightexError>;
}

interface Fault {
  readonly code: ErrorCode;
  readonly problem: Problem;
}

interface Links {
  readonly faults: readonly Fault[];
  readonly imports: readonly { readonly path: string; readonly isCode: boolean }[];
}

/**
 * The transitive imports of Jsonnet (or JSON) files, found without evaluating anything; one `read` a round.
 * Codes of the invalid roots: LTX_IMPORT_OUTSIDE (absolute, out of the tree, a link or a submodule on the way),
 * LTX_IMPORT_MISSING; a fault of an imported file is a fault of every root that reaches it.
 */
export async function collectSources(tree: SourceTree, roots: readonly string[]): Promise<Sources> {
  const files = new Map<string, string>();
  const links = new Map<string, Links>();
  const invalid = new Map<string, LightexError>();
  for (const root of roots) {
    const message = outside(tree, resolveImport('', root));
    if (message !== undefined)
      invalid.set(root, invalidFile('LTX_IMPORT_OUTSIDE', root, [{ file: root, at: '', message }]));
  }
  let round = roots.filter((root) => !invalid.has(root)).map((path) => ({ path, isCode: true }));
  while (round.length > 0) {
    await readInto(files, tree, round);
    for (const { path, isCode } of round)
      if (isCode && !links.has(path))
        links.set(path, linksOf(tree, path, files.get(path) as string));
    round = round
      .flatMap(({ path, isCode }) => (isCode ? (links.get(path)?.imports ?? []) : []))
      .filter(({ path, isCode }) => (isCode ? !links.has(path) : !files.has(path)));
  }
  for (const root of roots) {
    const faults = reachableFaults(links, root);
    const code = faults[0]?.code;
    if (code !== undefined && !invalid.has(root))
      invalid.set(
        root,
        invalidFile(
          code,
          root,
          faults.map(({ problem }) => problem),
        ),
      );
  }
  return { files, invalid };
}

async function readInto(
  files: Map<string, string>,
  tree: SourceTree,
  wanted: readonly { readonly path: string }[],
): Promise<void> {
  const paths = [...new Set(wanted.map(({ path }) => path))].filter((path) => !files.has(path));
  const texts = await tree.read(paths);
  for (const [index, path] of paths.entries()) files.set(path, texts[index] ?? '');
}

function linksOf(tree: SourceTree, file: string, source: string): Links {
  const faults: Fault[] = [];
  const imports: Links['imports'][number][] = [];
  for (const found of importsOf(source)) {
    const path = resolveImport(file, found.path);
    const isInTree = path !== undefined && tree.entries.has(path);
    if (!isInTree && found.path === LIBRARY) continue;
    const fault = faultOf(tree, path, found);
    if (fault === undefined && path !== undefined)
      imports.push({ path, isCode: found.kind === 'import' });
    else if (fault !== undefined)
      faults.push({ code: fault.code, problem: problemAt(file, source, found, fault.message) });
  }
  return { faults, imports };
}

function faultOf(
  tree: SourceTree,
  path: string | undefined,
  { kind, path: written }: Import,
): { readonly code: ErrorCode; readonly message: string } | undefined {
  const why = outside(tree, path);
  if (why !== undefined)
    return { code: 'LTX_IMPORT_OUTSIDE', message: `${kind} '${written}': ${why}` };
  if (path === undefined || tree.entries.has(path)) return undefined;
  const near = written.startsWith('lightex/') ? LIBRARY : nearestFile(path, tree);
  const advice = near === undefined ? '' : ` Did you mean "${near}"?`;
  return {
    code: 'LTX_IMPORT_MISSING',
    message: `${kind} '${written}': there is no ${path}.${advice}`,
  };
}

/** Why a path is no file of the tree itself, undefined when it is one or nothing is there. */
function outside(tree: SourceTree, path: string | undefined): string | undefined {
  if (path === undefined)
    return 'an import stays inside the workspace: a relative path, with ".." only at its beginning';
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length += 1) {
    const prefix = parts.slice(0, length).join('/');
    const kind = tree.entries.get(prefix)?.kind;
    if (kind === 'link') return `${prefix} is a symbolic link, which is not followed`;
    if (kind === 'submodule') return `${prefix} is a submodule, which is not part of the commit`;
  }
  return undefined;
}

function nearestFile(path: string, tree: SourceTree): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const near = [...tree.entries.values()]
    .filter(({ kind }) => kind === 'file')
    .map((entry) => ({ path: entry.path, far: distance(path, entry.path) }))
    .filter((it) => it.far <= path.length * 0.3 || it.path.endsWith(`/${name}`))
    .sort((a, b) => a.far - b.far || (a.path < b.path ? -1 : 1));
  return near[0]?.path;
}

function problemAt(file: string, source: string, found: Import, message: string): Problem {
  const line = source.split('\n')[found.line - 1] ?? '';
  return { file, at: `${found.line}:${found.column}`, message, source: line };
}

function reachableFaults(links: ReadonlyMap<string, Links>, root: string): readonly Fault[] {
  const seen = new Set([root]);
  const faults: Fault[] = [];
  for (const file of seen) {
    faults.push(...(links.get(file)?.faults ?? []));
    for (const { path } of links.get(file)?.imports ?? []) seen.add(path);
  }
  return faults;
}
