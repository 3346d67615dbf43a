import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommitSha } from '../../src/model/experiment.ts';
import type { Repo } from '../../src/ports/repo.ts';
import { git, type TestRepository, testRepository } from '../helpers/temporary.ts';

/** What every repository must do; see src/ports/repo.ts. */
export function repoContract(
  name: string,
  open: (repository: TestRepository, prefix?: string) => Promise<Repo>,
): void {
  describe(`${name} as a repository`, () => {
    test('it shows the branches of the remote and which one is the default', async () => {
      const repository = testRepository({ 'a.txt': 'a' });
      const commit = git(repository.folder, 'rev-parse', 'HEAD');
      git(repository.folder, 'push', '--quiet', 'origin', 'HEAD:refs/heads/exp/one');
      const repo = await open(repository);

      const { heads, head } = await repo.branches();

      expect(head).toBe('main');
      expect([...heads]).toEqual([
        ['exp/one', commit],
        ['main', commit],
      ]);
    });

    test('only the branches asked for are brought here', async () => {
      const repository = testRepository({ 'a.txt': 'a' });
      git(repository.folder, 'checkout', '--quiet', '-b', 'secret');
      const secret = repository.push({ 'a.txt': 'secret' });
      const repo = await open(repository);

      await repo.fetch(['main']);

      await expect(repo.facts(secret as CommitSha)).rejects.toMatchObject({
        code: 'LTX_GIT_FAILED',
      });
    });

    test('a commit tells its author, committer, message and tree', async () => {
      const repository = testRepository({ 'a.txt': 'a' });
      const commit = repository.push({ 'a.txt': 'b' }, 'second: "quoted" ü');
      const repo = await open(repository);
      await repo.fetch(['main']);

      const facts = await repo.facts(commit as CommitSha);

      expect(facts).toMatchObject({
        commit,
        author: 'Ada Author',
        committer: 'Carl Committer',
        message: 'second: "quoted" ü',
      });
      expect(facts.tree).toBe(git(repository.folder, 'rev-parse', 'HEAD^{tree}'));
    });

    test('a path with a tab is one path', async () => {
      const repository = testRepository({ 'a\tb': '1', 'a\tc': '2' });
      const commit = git(repository.folder, 'rev-parse', 'HEAD');
      const repo = await open(repository);
      await repo.fetch(['main']);

      const entries = await repo.entries((await repo.facts(commit as CommitSha)).tree);

      expect(entries.map(({ path }) => path)).toEqual(['a\tb', 'a\tc']);
    });

    test('entries name every file; links are told apart and never followed', async () => {
      const repository = testRepository({ 'b/c d.txt': 'c', 'ä.txt': 'a' });
      symlinkSync('/etc/passwd', join(repository.folder, 'link'));
      const commit = repository.push({});
      const repo = await open(repository);
      await repo.fetch(['main']);

      const entries = await repo.entries((await repo.facts(commit as CommitSha)).tree);

      expect(entries.map(({ path, kind }) => [path, kind])).toEqual([
        ['b/c d.txt', 'file'],
        ['link', 'link'],
        ['ä.txt', 'file'],
      ]);
      expect(await repo.read([entries[1]?.oid ?? ''])).toEqual(['/etc/passwd']);
    });

    test('blobs are read in the order asked, whatever bytes they hold', async () => {
      const repository = testRepository({ 'a.txt': 'a\nb', 'empty.txt': '', 'z.txt': 'ü' });
      git(repository.folder, 'rm', '--quiet', '--cached', 'a.txt');
      const commit = repository.push({
        'a.txt': Buffer.from([0xff, 0x0a, 0x00]).toString('latin1'),
      });
      const repo = await open(repository);
      await repo.fetch(['main']);
      const entries = await repo.entries((await repo.facts(commit as CommitSha)).tree);
      const oids = entries.map(({ oid }) => oid).reverse();

      expect(await repo.read(oids)).toEqual(['ü', '', 'ÿ\n\0']);
      await expect(repo.read(['0'.repeat(40)])).rejects.toMatchObject({ code: 'LTX_GIT_FAILED' });
    });

    test('the files of a tree are laid out once, in parallel too, and keep their modes', async () => {
      const repository = testRepository({ 'run.sh': '#!/bin/sh\n', 'sub/a.txt': 'a' });
      git(repository.folder, 'update-index', '--chmod=+x', 'run.sh');
      const commit = repository.push({});
      git(repository.folder, 'update-index', '--chmod=+x', 'run.sh');
      const executable = repository.push({ 'sub/a.txt': 'b' });
      const repo = await open(repository);
      await repo.fetch(['main']);
      const { tree } = await repo.facts(executable as CommitSha);

      const folders = await Promise.all(Array.from({ length: 8 }, () => repo.materialise(tree)));

      expect(new Set(folders).size).toBe(1);
      expect(readFileSync(join(folders[0] as string, 'sub/a.txt'), 'utf8')).toBe('b');
      expect(existsSync(join(folders[0] as string, '.git'))).toBe(false);
      expect(statSync(join(folders[0] as string, 'run.sh')).mode & 0o100).toBe(
        git(repository.folder, 'ls-tree', executable, 'run.sh').startsWith('100755') ? 0o100 : 0,
      );
      expect(commit).not.toBe(executable);
    });

    test('a workspace in a sub-folder sees that folder as its root', async () => {
      const repository = testRepository({ 'outside.txt': 'o', 'study/in.txt': 'i' });
      const repo = await open(repository, 'study');
      await repo.fetch(['main']);
      const facts = await repo.facts(git(repository.folder, 'rev-parse', 'HEAD') as CommitSha);

      expect((await repo.entries(facts.tree)).map(({ path }) => path)).toEqual(['in.txt']);
    });

    test('a rewritten branch is followed', async () => {
      const repository = testRepository({ 'a.txt': 'a' });
      const repo = await open(repository);
      await repo.fetch(['main']);
      git(repository.folder, 'commit', '--quiet', '--amend', '-m', 'rewritten');
      git(repository.folder, 'push', '--quiet', '--force', 'origin', 'HEAD');
      const commit = git(repository.folder, 'rev-parse', 'HEAD') as CommitSha;

      await repo.fetch(['main']);

      expect((await repo.facts(commit)).message).toBe('rewritten');
    });

    test('a remote that is not there is an error of the surroundings that names it', async () => {
      const repository = testRepository({ 'a.txt': 'a' });
      const repo = await open({ ...repository, remote: `${repository.remote}-gone` });

      await expect(repo.branches()).rejects.toMatchObject({
        code: 'LTX_REMOTE_UNREACHABLE',
        message: expect.stringContaining('-gone'),
      });
    });
  });
}
