import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '../model/experiment.ts';
import { readIfThere } from '../platform/files.ts';
import type { TriedRun } from '../ports/store.ts';
import { findStore } from './find-store.ts';
import { triedIn } from './history.ts';
import { pageStyle } from './pages-files.ts';
import { openPageQueries, type PageQueries } from './pages-query.ts';
import { prepareState, type Workspace } from './workspace.ts';

/** One workspace, as a server shows it. */
export interface Site {
  readonly workspace: Workspace;
  readonly store: string;
  readonly queries: PageQueries;
  readonly style: { readonly text: string; readonly version: string };
  /** Who has it may write. */
  readonly token: string;
  /** Every run with its newest attempt, without a query. */
  tried(): Promise<ReadonlyMap<RunId, TriedRun>>;
}

/** The workspace around `folder`, with its store as lightex.jsonnet says now. @throws LTX_NO_WORKSPACE, LTX_CONFIG_… */
export async function openSite(folder: string): Promise<Site> {
  const { workspace, store } = await findStore(folder);
  await prepareState(workspace);
  return {
    workspace,
    store,
    queries: openPageQueries(store),
    style: await pageStyle(),
    token: await writeToken(workspace),
    tried: () => triedIn(store),
  };
}

/** The token of `.lightex/token`, made when there is none; only its owner can read the file. */
async function writeToken({ state }: Workspace): Promise<string> {
  const path = join(state, 'token');
  const known = (await readIfThere(path))?.trim();
  if (known !== undefined && /^[0-9a-f]{64}$/.test(known)) return known;
  const token = randomBytes(32).toString('hex');
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, token, { flag: 'wx', mode: 0o600 });
  await rename(temporary, path);
  return token;
}
