import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { LightexError, type Problem } from '../../model/errors.ts';
import { isErrno } from '../../platform/files.ts';
import { type Git, type GitOptions, gitIn } from './git.ts';
import { lastLine } from './objects.ts';

const MAX_UNTRACKED_BYTES = 50e6;
/** Names that files with keys and passwords have. */
const SECRET =
  /^(\.env(\..*)?|\.netrc|\.npmrc|\.pypirc|id_(rsa|dsa|ecdsa|ed25519)|.*\.(pem|key|p12|pfx|keystore)|credentials(\.json)?)$/i;
const FALLBACK_IDENTITY = ['-c', 'user.name=lightex', '-c', 'user.email=lightex@localhost'];

/** Adds the files of the working directory to a private index, which starts as a copy of the user's: fast, and never theirs. */
export async function addAll(
  git: Git,
  usersIndex: string,
  env: NonNullable<GitOptions['env']> & { GIT_INDEX_FILE: string },
): Promise<void> {
  try {
    await copyFile(usersIndex, env.GIT_INDEX_FILE);
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT')) throw cause; // no index yet: a new one is made
  }
  // The host's configuration, for its global excludes and filters: these are the user's own files.
  await git(['add', '--all', '--', '.'], { env, config: 'host' });
}

/** The id of a commit of the working directory's files, its parent the commit that is checked out. */
export async function snapshotCommit(folder: string): Promise<string> {
  const git = gitIn(folder);
  await refuseUnfit(git, folder);
  const temporary = await mkdtemp(join(tmpdir(), 'lightex-snapshot-'));
  try {
    const env = { GIT_INDEX_FILE: join(temporary, 'index') };
    const index = lastLine((await git(['rev-parse', '--git-path', 'index'])).stdout);
    await addAll(git, resolve(folder, index), env);
    const tree = lastLine((await git(['write-tree'], { env })).stdout);
    return await commitOf(git, tree);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function commitOf(git: Git, tree: string): Promise<string> {
  const ref = `refs/lightex/snapshots/${tree.slice(0, 12)}`;
  const known = await git(['rev-parse', '--quiet', '--verify', `${ref}^{commit}`], {
    answers: [1, 128],
  });
  if (known.code === 0) return lastLine(known.stdout);
  const head = await git(['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'], {
    answers: [1, 128],
  });
  const parent = head.code === 0 ? ['-p', lastLine(head.stdout)] : [];
  const named = await git(['var', 'GIT_AUTHOR_IDENT'], { config: 'host', answers: [128] });
  const identity = named.code === 0 ? [] : FALLBACK_IDENTITY;
  const message = 'Snapshot of the working directory';
  const made = await git([...identity, 'commit-tree', tree, ...parent, '-m', message], {
    config: 'host',
  });
  const commit = lastLine(made.stdout);
  await git(['update-ref', ref, commit]);
  return commit;
}

/** Files that git does not know yet are about to be kept for ever. @throws LTX_SNAPSHOT_REFUSED with a list */
async function refuseUnfit(git: Git, folder: string): Promise<void> {
  const { stdout } = await git(['ls-files', '--others', '--exclude-standard', '-z'], {
    config: 'host',
  });
  const paths = stdout
    .toString()
    .split('\0')
    .filter((path) => path !== '');
  const problems: Problem[] = [];
  for (const path of paths) {
    const { size } = await stat(join(folder, path)).catch(() => ({ size: 0 })); // a dangling link, or gone: nothing large
    if (SECRET.test(basename(path)))
      problems.push({ file: path, at: '', message: 'its name says that it holds a secret' });
    else if (size > MAX_UNTRACKED_BYTES)
      problems.push({
        file: path,
        at: '',
        message: `${Math.round(size / 1e6)} MB; the limit is 50`,
      });
  }
  if (problems.length === 0) return;
  throw new LightexError(
    'LTX_SNAPSHOT_REFUSED',
    'the working directory has files that a commit should not hold',
    {
      hint: 'Name them in .gitignore, or add them on purpose: git add FILE',
      problems,
    },
  );
}
