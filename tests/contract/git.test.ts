import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckout } from '../../src/git/simple-git/checkout.ts';
import { gitIn } from '../../src/git/simple-git/git.ts';
import { openMirror } from '../../src/git/simple-git/mirror.ts';
import { git, temporaryFolder, testRepository, writeFiles } from '../helpers/temporary.ts';
import { repoContract } from './repo.contract.ts';

repoContract('the mirror', ({ remote }, prefix = '') => {
  const folder = temporaryFolder();
  return openMirror({
    folder: join(folder, 'mirror.git'),
    treesFolder: join(folder, 'trees'),
    url: remote,
    prefix,
  });
});

/** Every file under .git with a digest of its content. */
function digestOf(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => `${path} ${digest(path)}`);
}

describe('the git wrapper', () => {
  test('a "no" by exit code is told from a "yes", although git prints nothing', async () => {
    const { folder, push } = testRepository({ 'a.txt': 'a' });
    const [first, second] = [git(folder, 'rev-parse', 'HEAD'), push({ 'a.txt': 'b' })];
    const isAncestor = async (a: string, b: string) =>
      (await gitIn(folder)(['merge-base', '--is-ancestor', a, b], { answers: [1] })).code === 0;

    expect(await isAncestor(first, second)).toBe(true);
    expect(await isAncestor(second, first)).toBe(false);
  });

  test('an exit code that is no answer is an error with what git said', async () => {
    const { folder } = testRepository({ 'a.txt': 'a' });

    await expect(gitIn(folder)(['cat-file', '-e', '1'.repeat(40)])).rejects.toMatchObject({
      code: 'LTX_GIT_FAILED',
    });
    await expect(gitIn(folder)(['rev-parse', '--verify', 'nothing'])).rejects.toThrow(
      /fatal: Needed a single revision/,
    );
  });

  test('hooks and monitors that a repository configures are never run', async () => {
    const { folder } = testRepository({ 'a.txt': 'a' });
    const marker = join(temporaryFolder(), 'executed');
    const script = `#!/bin/sh\ntouch ${marker}\n`;
    writeFiles(join(folder, '.git/hooks'), {
      'post-checkout': script,
      'reference-transaction': script,
    });
    writeFiles(folder, { 'monitor.sh': script });
    for (const path of [
      '.git/hooks/post-checkout',
      '.git/hooks/reference-transaction',
      'monitor.sh',
    ]) {
      mkdirSync(join(folder, '.git'), { recursive: true });
      (await import('node:fs')).chmodSync(join(folder, path), 0o755);
    }
    git(folder, 'config', 'core.fsmonitor', join(folder, 'monitor.sh'));

    await gitIn(folder)(['update-ref', 'refs/heads/other', 'HEAD']);
    const snapshot = await (await openCheckout(folder)).snapshot();
    await snapshot.close();

    expect(() => readFileSync(marker)).toThrow();
  });

  test('a protocol that was not allowed is refused', async () => {
    const { folder, remote } = testRepository({ 'a.txt': 'a' });

    await expect(
      gitIn(folder)(['ls-remote', `file://${remote}`], { protocol: 'https' }),
    ).rejects.toThrow(/not allowed/);
    await expect(
      gitIn(folder)(['ls-remote', 'ext::sh -c id'], { protocol: 'https' }),
    ).rejects.toMatchObject({ code: 'LTX_GIT_FAILED' });
  });
});

describe('a snapshot of the working directory', () => {
  test('holds new, changed and staged files without touching the repository', async () => {
    const { folder } = testRepository({ 'a.txt': 'a', '.gitignore': 'ignored\n' });
    writeFiles(folder, { 'a.txt': 'changed', 'new.txt': 'new', ignored: 'x', 'staged.txt': 's' });
    git(folder, 'add', 'staged.txt');
    const before = digestOf(join(folder, '.git'));

    const snapshot = await (await openCheckout(folder)).snapshot();
    const entries = await snapshot.entries(snapshot.tree);
    const texts = await snapshot.read(entries.map(({ oid }) => oid));
    await snapshot.close();

    expect(entries.map(({ path }, index) => [path, texts[index]])).toEqual([
      ['.gitignore', 'ignored\n'],
      ['a.txt', 'changed'],
      ['new.txt', 'new'],
      ['staged.txt', 's'],
    ]);
    expect(digestOf(join(folder, '.git'))).toEqual(before);
  });

  test('an index that the environment names is left alone', async () => {
    const { folder } = testRepository({ 'a.txt': 'a' });
    const index = join(temporaryFolder(), 'index');
    writeFileSync(index, 'not ours');
    process.env.GIT_INDEX_FILE = index;
    try {
      await (await (await openCheckout(folder)).snapshot()).close();
    } finally {
      delete process.env.GIT_INDEX_FILE;
    }

    expect(readFileSync(index, 'utf8')).toBe('not ours');
  });

  test('works before the first commit, and in a sub-folder', async () => {
    const folder = temporaryFolder();
    git(folder, 'init', '--quiet', '--initial-branch=trunk');
    writeFiles(folder, { 'study/a.txt': 'a', 'b.txt': 'b' });

    const checkout = await openCheckout(join(folder, 'study'));
    const snapshot = await checkout.snapshot();
    const entries = await snapshot.entries(snapshot.tree);
    await snapshot.close();

    expect(entries.map(({ path }) => path)).toEqual(['a.txt']);
    expect(checkout.prefix).toBe('study');
    expect(await checkout.branch()).toBe('trunk');
    expect(await checkout.head()).toBeUndefined();
  });

  test('a folder outside of a repository is an error with the next step', async () => {
    await expect(openCheckout(temporaryFolder())).rejects.toMatchObject({
      code: 'LTX_NO_WORKSPACE',
      hint: expect.stringContaining('lightex init'),
    });
  });

  test('a remote that is not configured is named', async () => {
    const { folder } = testRepository({ 'a.txt': 'a' });

    await expect((await openCheckout(folder)).remoteUrl('lab')).rejects.toMatchObject({
      code: 'LTX_NOT_FOUND',
    });
  });
});
