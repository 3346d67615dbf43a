import picomatch from 'picomatch';
import type { Experiment } from '../model/experiment.ts';
import type { TreeEntry } from '../ports/repo.ts';

/**
 * True when a push to the branch starts an experiment with this trigger. No globs match everything;
 * `changed` undefined means that nothing can be told to be unchanged.
 */
export function isStartedBy(
  onPush: Experiment['onPush'],
  branch: string,
  changed: readonly string[] | undefined,
): boolean {
  if (onPush === undefined) return false;
  const { branches, paths } = onPush;
  if (branches.length > 0 && !picomatch([...branches])(branch)) return false;
  if (paths.length === 0 || changed === undefined) return true;
  const matches = picomatch([...paths], { dot: true });
  return changed.some((path) => matches(path));
}

/** Paths that were added, removed or changed between two trees, sorted. */
export function changedBetween(
  before: readonly TreeEntry[],
  after: readonly TreeEntry[],
): readonly string[] {
  const content = (entries: readonly TreeEntry[]) =>
    new Map(entries.map(({ path, oid, mode }) => [path, `${mode} ${oid}`]));
  const [old, now] = [content(before), content(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].filter((path) => old.get(path) !== now.get(path)).sort();
}
