import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openCheckout } from '../git/simple-git/checkout.ts';
import { importsOf } from '../namedconf/imports.ts';
import { isExperimentFile, loadProject, type Settings } from '../namedconf/project.ts';
import { readIfThere, writeFileWhole } from '../platform/files.ts';
import { sourceTree } from './source-tree.ts';
import { openConfig } from './working-copy.ts';
import { findWorkspace, prepareState, storeFolder, type Workspace } from './workspace.ts';

/** The workspace around `folder` and its store, as its lightex.jsonnet says. @throws LTX_NO_WORKSPACE, LTX_CONFIG_… */
export async function findStore(
  folder: string,
): Promise<{ readonly workspace: Workspace; readonly store: string }> {
  const workspace = await findWorkspace(folder);
  const text = await readIfThere(join(workspace.root, 'lightex.jsonnet'));
  const settings = text === undefined ? undefined : await settingsOf(workspace, text);
  return { workspace, store: storeFolder(workspace, settings?.store) };
}

/** Evaluating costs a process: what a file without imports says is remembered by its content. */
async function settingsOf(workspace: Workspace, text: string): Promise<Settings> {
  if (importsOf(text).length > 0) return evaluated(workspace);
  const digest = createHash('sha256').update(text).digest('hex');
  const cache = join(workspace.state, 'cache', `settings-${digest}.json`);
  const known = await readIfThere(cache);
  if (known !== undefined) return JSON.parse(known) as Settings;
  const settings = await evaluated(workspace);
  await prepareState(workspace);
  await writeFileWhole(cache, JSON.stringify(settings));
  return settings;
}

async function evaluated({ root }: Workspace): Promise<Settings> {
  const snapshot = await (await openCheckout(root)).snapshot();
  try {
    const tree = await sourceTree(snapshot, snapshot.tree);
    const isOther = (path: string) => isExperimentFile(path) || path.startsWith('reports/');
    const entries = new Map([...tree.entries].filter(([path]) => !isOther(path)));
    const { vm, validate } = await openConfig();
    return (await loadProject({ ...tree, entries }, vm, validate)).settings;
  } finally {
    await snapshot.close();
  }
}
