import { createHash } from 'node:crypto';
import picomatch from 'picomatch';
import type { TreeEntry } from '../ports/repo.ts';

const DECLARATIONS = [
  'experiments/**/*.jsonnet',
  'experiments/**/*.libsonnet',
  'reports/**',
  'runners/**',
  'lightex.jsonnet',
  '**/*.md',
];

/**
 * The entries that can change a result, by path. Globs see dot files; one with `!` before it takes away.
 * Without globs all but declarations: Jsonnet and JSON of experiments, reports, runners, settings, Markdown.
 */
export function selectCode(
  entries: Iterable<TreeEntry>,
  globs: readonly string[] | undefined,
  experimentJsonPaths: readonly string[],
): readonly TreeEntry[] {
  const isSelected = globs === undefined ? allButDeclarations(experimentJsonPaths) : globsOf(globs);
  return [...entries]
    .filter(({ path }) => isSelected(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** sha256 over the lines that `git ls-tree -r` has for the entries, in the order given. */
export function hashOfCode(entries: readonly TreeEntry[]): string {
  const hash = createHash('sha256');
  for (const { mode, kind, oid, path } of entries)
    hash.update(`${mode} ${kind === 'submodule' ? 'commit' : 'blob'} ${oid}\t${path}\n`);
  return hash.digest('hex');
}

function allButDeclarations(experimentJsonPaths: readonly string[]): (path: string) => boolean {
  const isDeclaration = picomatch(DECLARATIONS, { dot: true });
  const isExperiment = new Set(experimentJsonPaths);
  return (path) => !isDeclaration(path) && !isExperiment.has(path);
}

function globsOf(globs: readonly string[]): (path: string) => boolean {
  const ignore = globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  const wanted = globs.filter((glob) => !glob.startsWith('!'));
  return picomatch(wanted, { dot: true, ignore });
}
