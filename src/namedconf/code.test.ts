import { expect, test } from 'vitest';
import { hashOfCode, selectCode } from './code.ts';

const entry = (path: string, oid = '1'.repeat(40)) => ({
  path,
  oid,
  mode: '100644',
  kind: 'file' as const,
});
const tree = [
  'train.py',
  '.env',
  'src/.hidden/a.py',
  'src/a.py',
  'README.md',
  'docs/.x/y.md',
  'lightex.jsonnet',
  'experiments/a.jsonnet',
  'experiments/lib/b.libsonnet',
  'experiments/c.json',
  'experiments/data/d.csv',
  'experiments/lib/e.json',
  'reports/a.jsonnet',
  'reports/logo.png',
  'runners/local.jsonnet',
].map((path) => entry(path));
const paths = (globs?: readonly string[]) =>
  selectCode(tree, globs, ['experiments/c.json']).map(({ path }) => path);

test('all but declarations counts, sorted, dot files too', () => {
  expect(paths()).toEqual([
    '.env',
    'experiments/data/d.csv',
    'experiments/lib/e.json',
    'src/.hidden/a.py',
    'src/a.py',
    'train.py',
  ]);
});

test('globs say exactly what counts, and what they take away', () => {
  expect(paths(['src/**', 'README.md'])).toEqual(['README.md', 'src/.hidden/a.py', 'src/a.py']);
  expect(paths(['src/**', '!**/.hidden/**'])).toEqual(['src/a.py']);
});

test('the hash follows content, mode and path, and is that of the lines of git ls-tree', () => {
  const one = [entry('a')];

  // printf '100644 blob 1111111111111111111111111111111111111111\ta\n' | sha256sum
  expect(hashOfCode(one)).toBe('0855cf188d6e9d216a8e7f8400da0801f37ac18b727efd9f7bdb19cecf1c87a3');
  expect(hashOfCode([{ ...entry('a'), mode: '100755' }])).not.toBe(hashOfCode(one));
  expect(hashOfCode([entry('a', '2'.repeat(40))])).not.toBe(hashOfCode(one));
  expect(hashOfCode([entry('b')])).not.toBe(hashOfCode(one));
});
