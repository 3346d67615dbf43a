import { expect, test } from 'vitest';
import type { CommitSha } from '../model/experiment.ts';
import { newTips } from './refs.ts';

const heads = new Map(
  [
    ['main', 'b'],
    ['exp', 'c'],
  ].map(([name, commit]) => [name as string, commit as CommitSha]),
);

test('tips that moved or were never seen are new; deleted branches are not', () => {
  const seen = new Map([
    ['main', 'a' as CommitSha],
    ['gone', 'x' as CommitSha],
  ]);

  expect(newTips(seen, heads, ['main', 'exp', 'gone'])).toEqual([
    { branch: 'main', commit: 'b' },
    { branch: 'exp', commit: 'c' },
  ]);
  expect(newTips(new Map(heads), heads, ['main', 'exp'])).toEqual([]);
});
