import { expect, test } from 'vitest';
import { importsOf, resolveImport } from './imports.ts';

const paths = (source: string) => importsOf(source).map(({ kind, path }) => `${kind} ${path}`);

test('imports of all three kinds are found, with the place of their keyword', () => {
  const source = `local a = import 'a.libsonnet';\n  { b: importstr "b.txt", c: importbin @'c.bin' }`;

  expect(importsOf(source)).toEqual([
    { kind: 'import', path: 'a.libsonnet', line: 1, column: 11 },
    { kind: 'importstr', path: 'b.txt', line: 2, column: 8 },
    { kind: 'importbin', path: 'c.bin', line: 2, column: 30 },
  ]);
});

test.each([
  ['a string', `{ a: "import 'x'", b: 'import "x"' }`],
  ['a string with escaped quotes', `'it\\'s import "x"'`],
  ['a verbatim string with doubled quotes', `@'it''s import "x"' + @"a""import 'x'"`],
  ['a line comment', `// import 'x'\n# import 'x'\n1`],
  ['a block comment', `/* import 'x' /* */ 1`],
  ['a text block', `|||\n\n  import 'x'\n\n   ||| import 'x'\n|||`],
  ['a text block after an operator', `'a' +|||\n  import 'x'\n|||`],
  ['a longer word', `{ important: 1, reimport: 2, import_: 3 }`],
])('what stands in %s is no import', (_, source) => {
  expect(paths(source)).toEqual([]);
});

test.each([
  ['white space and comments lie between', `import /* a */ // b\n # c\n 'x'`],
  ['the path is written with escapes', `import "\\u0078"`],
  ['it follows a string', `'a' + import 'x'`],
  ['it follows a text block', `|||\n  a\n|||+import 'x'`],
  ['it follows a comment that looks closed', `/*/ import 'y' */ import 'x'`],
  ['an operator stands before it', `{ a+:import 'x' }`],
  ['a verbatim string stands before it', `@'\\' + import 'x'`],
])('an import is found when %s', (_, source) => {
  expect(paths(source)).toEqual(['import x']);
});

test('nothing is found behind a string that is not closed: no evaluator takes such a file', () => {
  expect(paths(`import 'a' + 'b import 'c'`)).toEqual(['import a']);
});

test.each([
  ['', 'a.jsonnet', 'a.jsonnet'],
  ['experiments/a.jsonnet', 'lib/b.libsonnet', 'experiments/lib/b.libsonnet'],
  ['experiments/lib/a.jsonnet', '../../data/./b.json', 'data/b.json'],
  ['experiments/a.jsonnet', '/etc/hostname', undefined],
  ['experiments/a.jsonnet', '../../b', undefined],
  ['', '..', undefined],
  ['a/b.jsonnet', 'lib/../c', undefined],
  ['a.jsonnet', '', undefined],
])('from "%s" the path "%s" is %s', (importer, path, resolved) => {
  expect(resolveImport(importer, path)).toBe(resolved);
});
