import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lightex-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files by path, from an object literal. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const GIT_ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada Author',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Carl Committer',
  GIT_COMMITTER_EMAIL: 'carl@example.org',
};

/** git in a folder, without the configuration of the machine. What it printed. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    env: GIT_ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

export interface TestRepository {
  readonly folder: string;
  readonly remote: string;
  /** Writes files, commits everything, pushes; the new commit. */
  push(files: Readonly<Record<string, string>>, message?: string): string;
}

/** A repository on `main` with a bare remote `origin`, in a folder that goes away with the test unless another is given. */
export function testRepository(
  files: Readonly<Record<string, string>>,
  base = temporaryFolder(),
): TestRepository {
  const [folder, remote] = [join(base, 'work'), join(base, 'remote.git')];
  mkdirSync(folder);
  git(base, 'init', '--quiet', '--bare', '--initial-branch=main', 'remote.git');
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'remote', 'add', 'origin', remote);
  const push: TestRepository['push'] = (changed, message = 'change') => {
    writeFiles(folder, changed);
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', message);
    git(folder, 'push', '--quiet', 'origin', 'HEAD');
    return git(folder, 'rev-parse', 'HEAD');
  };
  push(files, 'first');
  return { folder, remote, push };
}
