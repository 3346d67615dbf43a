import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere, writeFileWhole } from '../platform/files.ts';
import { findWorkspace, prepareState, storeFolder, type Workspace } from './workspace.ts';

/** What of lightex.jsonnet says where the history is. */
interface StoreSetting {
  readonly store: string;
}

/** The workspace around `folder` and its store, as its lightex.jsonnet says. @throws LTX_NO_WORKSPACE, LTX_CONFIG_… */
export async function findStore(
  folder: string,
): Promise<{ readonly workspace: Workspace; readonly store: string }> {
  const workspace = await findWorkspace(folder);
  const text = await readIfThere(join(workspace.root, 'lightex.jsonnet'));
  const setting = text === undefined ? undefined : await settingOf(workspace, text);
  return { workspace, store: storeFolder(workspace, setting?.store) };
}

/** Evaluating costs a process, and loading the evaluator's surroundings: what a file without imports says is remembered. */
async function settingOf(workspace: Workspace, text: string): Promise<StoreSetting> {
  const digest = createHash('sha256').update(text).digest('hex');
  const cache = join(workspace.state, 'cache', `store-${digest}.json`);
  const known = await readIfThere(cache);
  if (known !== undefined) return JSON.parse(known) as StoreSetting;
  const { evaluateSettings } = await import('./evaluate-settings.ts');
  const { settings, hasImports } = await evaluateSettings(workspace, text);
  if (!hasImports) {
    await prepareState(workspace);
    await writeFileWhole(cache, JSON.stringify({ store: settings.store } satisfies StoreSetting));
  }
  return settings;
}
