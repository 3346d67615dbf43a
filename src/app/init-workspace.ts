import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openCheckout } from '../git/simple-git/checkout.ts';
import { gitIn } from '../git/simple-git/git.ts';
import { LightexError } from '../model/errors.ts';
import { isErrno } from '../platform/files.ts';
import { packageFile } from '../platform/package-files.ts';
import { findWorkspace, prepareState } from './workspace.ts';

/** What a new workspace starts from: files of the package's own workspace. */
const FILES = [
  'lightex.jsonnet',
  'experiments/penguins.jsonnet',
  'experiments/penguins-python.jsonnet',
  'experiments/penguins/train.mjs',
  'experiments/penguins/train.py',
  'experiments/penguins/penguins.csv',
  'experiments/penguins/DATA.md',
  'reports/penguins.jsonnet',
];
const RUNNER = 'runners/local.jsonnet';
const DEFAULT_BRANCH = 'main';

export interface InitResult {
  readonly branch: string;
  readonly written: readonly string[];
  /** Files that were there before; they are as they were. */
  readonly kept: readonly string[];
}

/** Makes a workspace in the folder, and a repository on `main` where there is none. Commits and overwrites nothing. */
export async function initWorkspace(folder: string): Promise<InitResult> {
  await mkdir(folder, { recursive: true });
  const branch = await repositoryBranch(folder);
  const written: string[] = [];
  const kept: string[] = [];
  for (const path of FILES) {
    (await isNew(path, (place) => copyFile(packageFile(path), place, constants.COPYFILE_EXCL)))
      ? written.push(path)
      : kept.push(path);
  }
  const runner = (await readFile(packageFile(RUNNER), 'utf8')).replace(
    `branches: ['${DEFAULT_BRANCH}']`,
    `branches: ['${branch}']`,
  );
  (await isNew(RUNNER, (place) => writeFile(place, runner, { flag: 'wx' })))
    ? written.push(RUNNER)
    : kept.push(RUNNER);
  await prepareState(await findWorkspace(folder));
  return { branch, written: written.sort(), kept: kept.sort() };

  async function isNew(path: string, write: (place: string) => Promise<void>): Promise<boolean> {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    try {
      await write(place);
      return true;
    } catch (cause) {
      if (isErrno(cause, 'EEXIST')) return false;
      throw cause;
    }
  }
}

/** The branch that is checked out, after making a repository where there is none. */
async function repositoryBranch(folder: string): Promise<string> {
  try {
    return (await (await openCheckout(folder)).branch()) ?? DEFAULT_BRANCH;
  } catch (cause) {
    if (!(cause instanceof LightexError) || cause.code !== 'LTX_NO_WORKSPACE') throw cause;
    await gitIn(folder)(['init', '--quiet', `--initial-branch=${DEFAULT_BRANCH}`]);
    return DEFAULT_BRANCH;
  }
}
