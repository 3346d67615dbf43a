import { expect, test } from 'vitest';
import type { TreeEntry } from '../ports/repo.ts';
import { collectSources, type SourceTree } from './source.ts';

function aTree(
  files: Readonly<Record<string, string>>,
  kinds: Record<string, TreeEntry['kind']> = {},
) {
  const reads: (readonly string[])[] = [];
  const tree: SourceTree = {
    entries: new Map(
      [...Object.keys(files), ...Object.keys(kinds)].map((path) => [
        path,
        { path, oid: '0', mode: '100644', kind: kinds[path] ?? 'file' },
      ]),
    ),
    read: async (paths) => {
      reads.push(paths);
      return paths.map((path) => files[path] as string);
    },
  };
  return { tree, reads };
}

test('the closure of imports is read in rounds, each file once, and the library is not of the tree', async () => {
  const { tree, reads } = aTree({
    'experiments/a.jsonnet': `import 'lightex/v1.libsonnet'; import 'lib/x.libsonnet'`,
    'experiments/b.jsonnet': `(import 'lib/x.libsonnet') + (import '../shared.libsonnet')`,
    'experiments/lib/x.libsonnet': `importstr '../../notes.txt'`,
    'shared.libsonnet': `import 'experiments/lib/x.libsonnet'`,
    'notes.txt': `import 'this is text'`,
  });

  const { files, invalid } = await collectSources(tree, [
    'experiments/a.jsonnet',
    'experiments/b.jsonnet',
  ]);

  expect(invalid.size).toBe(0);
  expect([...files.keys()]).toHaveLength(5);
  expect(reads).toEqual([
    ['experiments/a.jsonnet', 'experiments/b.jsonnet'],
    ['experiments/lib/x.libsonnet', 'shared.libsonnet'],
    ['notes.txt'],
  ]);
});

test('a missing import names the place, the file looked for and the nearest one, for every root that reaches it', async () => {
  const { tree } = aTree({
    'experiments/a.jsonnet': `import 'lib/x.libsonnet'`,
    'experiments/b.jsonnet': '{}',
    'experiments/lib/x.libsonnet': `\n  import 'bsae.libsonnet'`,
    'experiments/lib/base.libsonnet': '{}',
  });

  const { invalid } = await collectSources(tree, [
    'experiments/a.jsonnet',
    'experiments/b.jsonnet',
  ]);

  expect([...invalid.keys()]).toEqual(['experiments/a.jsonnet']);
  expect(invalid.get('experiments/a.jsonnet')).toMatchObject({
    code: 'LTX_IMPORT_MISSING',
    problems: [
      {
        file: 'experiments/lib/x.libsonnet',
        at: '2:3',
        message: `import 'bsae.libsonnet': there is no experiments/lib/bsae.libsonnet. Did you mean "experiments/lib/base.libsonnet"?`,
        source: `  import 'bsae.libsonnet'`,
      },
    ],
  });
});

test.each([
  ['an absolute path', `importstr '/etc/hostname'`, 'stays inside the workspace'],
  ['a step out of the tree', `import '../../x'`, 'stays inside the workspace'],
  ['an escaped absolute path', `importstr '\\u002fetc/hostname'`, 'stays inside the workspace'],
  ['a symbolic link', `import 'link.libsonnet'`, 'experiments/link.libsonnet is a symbolic link'],
  ['a file behind a linked folder', `import '../vendor/x'`, 'vendor is a symbolic link'],
  ['a file of a submodule', `import '../sub/x'`, 'sub is a submodule'],
])('%s is refused', async (_, source, message) => {
  const { tree } = aTree(
    { 'experiments/a.jsonnet': source },
    { 'experiments/link.libsonnet': 'link', vendor: 'link', sub: 'submodule' },
  );

  const { invalid } = await collectSources(tree, ['experiments/a.jsonnet']);

  const error = invalid.get('experiments/a.jsonnet');
  expect(error?.code).toBe('LTX_IMPORT_OUTSIDE');
  expect(error?.problems[0]?.message).toContain(message);
});

test('a root that is a link, or that a crafted tree puts outside, is refused before anything is read', async () => {
  const { tree, reads } = aTree({}, { 'experiments/a.jsonnet': 'link', '../b.jsonnet': 'file' });

  const { invalid } = await collectSources(tree, ['experiments/a.jsonnet', '../b.jsonnet']);

  expect([...invalid.values()].map(({ code }) => code)).toEqual([
    'LTX_IMPORT_OUTSIDE',
    'LTX_IMPORT_OUTSIDE',
  ]);
  expect(reads).toEqual([]);
});
