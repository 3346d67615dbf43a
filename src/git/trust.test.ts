import { expect, test } from 'vitest';
import { trustedBranches } from './trust.ts';

const NAMES = ['main', 'exp/a', 'exp/a/b', 'fork/main'];

test('globs decide, and ** crosses slashes', () => {
  expect(trustedBranches(NAMES, 'main', ['main', 'exp/*'], undefined).branches).toEqual([
    'exp/a',
    'main',
  ]);
  expect(trustedBranches(NAMES, 'main', ['exp/**'], undefined).branches).toEqual([
    'exp/a',
    'exp/a/b',
  ]);
});

test('without globs only the default branch of the remote is trusted', () => {
  expect(trustedBranches(NAMES, 'main', undefined, 'exp/a')).toEqual({
    branches: ['main'],
    refused: ['exp/a', 'exp/a/b', 'fork/main'],
  });
});

test('a remote without a default branch falls back to the branch that is checked out, and says so', () => {
  expect(trustedBranches(['trunk'], undefined, undefined, 'trunk')).toEqual({
    branches: ['trunk'],
    refused: [],
    fallback: 'trunk',
  });
});

test('nothing is trusted when nothing says what', () => {
  expect(trustedBranches(NAMES, undefined, undefined, undefined).branches).toEqual([]);
  expect(trustedBranches(NAMES, 'main', [], 'main').branches).toEqual([]);
});

test('a default branch whose name looks like a glob is only itself', () => {
  expect(trustedBranches(['a*', 'ab'], 'a*', undefined, undefined).branches).toEqual(['a*']);
});
