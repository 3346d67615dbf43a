import { expect, test } from 'vitest';
import type { TreeEntry } from '../ports/repo.ts';
import { changedBetween, isStartedBy } from './trigger.ts';

const entry = (path: string, oid: string, mode = '100644'): TreeEntry => ({
  path,
  oid,
  mode,
  kind: 'file',
});

test('an experiment without a push trigger is started by hand only', () => {
  expect(isStartedBy(undefined, 'main', undefined)).toBe(false);
});

test('globs of branches and of paths must both match; none means all', () => {
  const all = { branches: [], paths: [] };

  expect(isStartedBy(all, 'any', [])).toBe(true);
  expect(isStartedBy({ ...all, branches: ['exp/**'] }, 'exp/a/b', [])).toBe(true);
  expect(isStartedBy({ ...all, branches: ['exp/**'] }, 'main', [])).toBe(false);
  expect(isStartedBy({ ...all, paths: ['src/**'] }, 'main', ['src/.hidden'])).toBe(true);
  expect(isStartedBy({ ...all, paths: ['src/**'] }, 'main', ['README.md'])).toBe(false);
  expect(isStartedBy({ ...all, paths: ['src/**'] }, 'main', undefined)).toBe(true);
});

test('added, removed, changed and re-moded files are changes; others are not', () => {
  const before = [entry('same', '1'), entry('gone', '1'), entry('edited', '1'), entry('mode', '1')];
  const after = [
    entry('same', '1'),
    entry('edited', '2'),
    entry('mode', '1', '100755'),
    entry('new', '1'),
  ];

  expect(changedBetween(before, after)).toEqual(['edited', 'gone', 'mode', 'new']);
});
