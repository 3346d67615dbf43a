import { openCheckout } from '../git/simple-git/checkout.ts';
import { importsOf } from '../namedconf/imports.ts';
import { isExperimentFile, loadProject, type Settings } from '../namedconf/project.ts';
import { sourceTree } from './source-tree.ts';
import { openConfig } from './working-copy.ts';
import type { Workspace } from './workspace.ts';

/** What lightex.jsonnet, whose text this is, says in the working directory; experiments and reports are not looked at. */
export async function evaluateSettings(
  { root }: Workspace,
  text: string,
): Promise<{ readonly settings: Settings; readonly hasImports: boolean }> {
  const snapshot = await (await openCheckout(root)).snapshot();
  try {
    const tree = await sourceTree(snapshot, snapshot.tree);
    const isOther = (path: string) => isExperimentFile(path) || path.startsWith('reports/');
    const entries = new Map([...tree.entries].filter(([path]) => !isOther(path)));
    const { vm, validate } = await openConfig();
    const { settings } = await loadProject({ ...tree, entries }, vm, validate);
    return { settings, hasImports: importsOf(text).length > 0 };
  } finally {
    await snapshot.close();
  }
}
