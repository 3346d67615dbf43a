import { describe, expect, test } from 'vitest';
import type { ConfigVm, Evaluated, SourceFiles } from '../../src/ports/system.ts';

export interface VmLimits {
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  readonly timeoutMs: number;
}

const SMALL: VmLimits = { memoryBytes: 2 ** 28, cpuSeconds: 1, timeoutMs: 20_000 };
const ENDLESS = 'local f(x) = if x == 0 then 0 else f(x - 1) tailstrict; f(1e12)';
const FILES: SourceFiles = new Map([
  [
    'experiments/a.jsonnet',
    `{ params: { lr: 0.1, double: 2 * $.params.lr, model: { hidden: 8, depth: 2 } } }`,
  ],
  ['experiments/assert.jsonnet', `{ lr: 1,\n  assert self.lr < 2 : 'lr is too big' }`],
  ['experiments/fails.jsonnet', `local f(x) = error 'no: ' + x;\n{\n  a: f('this'),\n}`],
  ['experiments/calls.jsonnet', `(import '../lib/fails.libsonnet')(3)`],
  ['lib/fails.libsonnet', `function(x)\n  error 'not ' + x`],
  ['experiments/where.jsonnet', 'std.thisFile'],
  ['experiments/syntax.jsonnet', `{\n  a: 1\n  b: 2\n}`],
  ['experiments/deep.jsonnet', `import '../lib/outside.libsonnet'`],
  ['lib/outside.libsonnet', `\n importstr '/etc/hostname'`],
  ['notes.txt', `importstr '/etc/hostname'`],
  // To trap a search in the library's folder: `lightex` exists there and not here.
  ['a/b/trap.jsonnet', `importstr 'lightex/../../../../../../../../etc/hostname'`],
  ['etc/hostname', 'of the tree'],
]);

type MakeVm = (limits?: VmLimits) => ConfigVm;

/** What every ConfigVm does. Limits are small, so that a test that meets one is quick. */
export function configVmContract(name: string, makeVm: MakeVm): void {
  describe(`${name}: answers`, () => answers(makeVm));
  describe(`${name}: errors`, () => errors(makeVm));
  describe(`${name}: limits`, () => limits(makeVm));
  describe(`${name}: nothing outside is read`, () => isolation(makeVm));
}

const errorsOf = (found: readonly Evaluated[]) =>
  found.map((answer) => ('error' in answer ? answer.error : undefined));

function answers(makeVm: MakeVm): void {
  test('come one a snippet, in order; nothing asked, nothing answered', async () => {
    expect(await makeVm().evaluate(FILES, ['1 + 1', '"a"', '[null]', '{ b:: 1, c: 2 }'])).toEqual([
      { value: 2 },
      { value: 'a' },
      { value: [null] },
      { value: { c: 2 } },
    ]);
    expect(await makeVm().evaluate(FILES, [])).toEqual([]);
  });

  test('derived values follow what a snippet lays over a file, and fields beside it survive', async () => {
    const snippet = `(import 'experiments/a.jsonnet') + { params+: { lr: 5, model+: { hidden: 4 } } }`;

    expect(await makeVm().evaluate(FILES, [snippet])).toEqual([
      { value: { params: { lr: 5, double: 10, model: { hidden: 4, depth: 2 } } } },
    ]);
  });

  test('the shipped library is there, and text may hold anything', async () => {
    const flags = `(import 'lightex/v1.libsonnet').flags({ a: 'x\\n"\\u0000ü' })`;

    expect(await makeVm().evaluate(FILES, [flags, `importstr 'notes.txt'`])).toEqual([
      { value: ['--a=x\n"\u0000ü'] },
      { value: `importstr '/etc/hostname'` },
    ]);
  });

  test('a file knows itself by its path in the tree, not by where it was written for the evaluation', async () => {
    expect(await makeVm().evaluate(FILES, [`import 'experiments/where.jsonnet'`])).toEqual([
      { value: 'experiments/where.jsonnet' },
    ]);
  });

  test('a thousand cells are all right, and quick', async () => {
    const cells = Array.from(
      { length: 1_000 },
      (_, n) => `(import 'experiments/a.jsonnet') + { params+: { lr: ${n} } }`,
    );
    const start = performance.now();

    const found = await makeVm().evaluate(FILES, cells);

    expect(found.map((answer) => 'value' in answer && answer.value)).toEqual(
      cells.map((_, n) => ({ params: { lr: n, double: 2 * n, model: { hidden: 8, depth: 2 } } })),
    );
    expect(performance.now() - start).toBeLessThan(10_000);
  });
}

function errors(makeVm: MakeVm): void {
  test('one bad snippet costs only its own answer', async () => {
    const snippets = Array.from({ length: 60 }, (_, n) => (n === 41 ? `error 'boo'` : `${n}`));

    const found = await makeVm().evaluate(FILES, snippets);

    expect(found[41]).toMatchObject({ error: { message: 'boo' } });
    expect(found.filter((answer) => 'value' in answer)).toHaveLength(59);
  });

  test('a snippet that is not one expression spoils no other', async () => {
    const snippets = ['1', '2 +', `'open`, '3), (4', '} }', '', '5'];

    const found = await makeVm().evaluate(FILES, snippets);

    expect(found[0]).toEqual({ value: 1 });
    expect(found[6]).toEqual({ value: 5 });
    expect(errorsOf(found).filter((error) => error !== undefined)).toHaveLength(5);
  });

  test.each([
    [`import 'experiments/fails.jsonnet'`, 'experiments/fails.jsonnet', 1, 14, 'no: this'],
    [
      `(import 'experiments/assert.jsonnet') + { lr: 3 }`,
      'experiments/assert.jsonnet',
      2,
      24,
      'lr is too big',
    ],
    [`import 'experiments/syntax.jsonnet'`, 'experiments/syntax.jsonnet', 3, 3, 'expected a comma'],
    [`local x = 1;\n  x.y`, undefined, 2, 3, ''],
    [`1 +\n  * 2`, undefined, 2, 3, 'not a unary operator: *'],
  ])('%s fails at %s:%i:%i', async (snippet, file, line, column, message) => {
    const [answer] = await makeVm().evaluate(FILES, [snippet]);

    const error = answer !== undefined && 'error' in answer ? answer.error : undefined;
    expect([error?.file, error?.line, error?.column]).toEqual([file, line, column]);
    expect(error?.message).toContain(message);
  });

  test('recursion without an end is an error of its own', async () => {
    const [answer] = await makeVm().evaluate(FILES, ['local f(x) = f(x) + 1; f(1)']);

    expect(answer).toMatchObject({ error: { message: 'max stack frames exceeded.' } });
  });
}

function limits(makeVm: MakeVm): void {
  test('memory without an end costs the guilty snippet its answer, and names the limit', async () => {
    const bomb = 'std.length([x for x in std.range(0, 1e9)])';

    expect(await makeVm(SMALL).evaluate(FILES, ['1', bomb, '2'])).toEqual([
      { value: 1 },
      { error: { message: 'evaluation needed more than 256Mi of memory', limited: true } },
      { value: 2 },
    ]);
  });

  test('work without an end costs the guilty snippet its answer, and names the limit', async () => {
    expect(await makeVm(SMALL).evaluate(FILES, ['1', ENDLESS, '2'])).toEqual([
      { value: 1 },
      { error: { message: 'evaluation needed more than 1 s of CPU time', limited: true } },
      { value: 2 },
    ]);
  });

  test('time that passes is limited too', async () => {
    const brief = { ...SMALL, cpuSeconds: 60, timeoutMs: 700 };

    expect(await makeVm(brief).evaluate(FILES, [ENDLESS])).toEqual([
      { error: { message: 'evaluation took longer than 0.7 s', limited: true } },
    ]);
  });

  test('nesting that no stack can hold is an error', async () => {
    const deep = `${'('.repeat(300_000)}1${')'.repeat(300_000)}`;

    const found = await makeVm(SMALL).evaluate(FILES, [deep, '2']);

    expect(errorsOf(found)[0]?.limited).toBe(true);
    expect(found[1]).toEqual({ value: 2 });
  });
}

function isolation(makeVm: MakeVm): void {
  test.each([
    [`importstr '/etc/hostname'`],
    [`importstr "\\u002fetc/hostname"`],
    [`importstr @'/etc/hostname'`],
    [`importbin /* */ '/etc/hostname'`],
    [`importstr '../../../../../../../../etc/hostname'`],
    [`importstr 'lightex/../../../../../../../etc/hostname'`],
    [`importstr 'lib/../notes.txt'`],
    [`import 'experiments/deep.jsonnet'`],
    [`import 'a/b/trap.jsonnet'`],
    [`import 'not/there.jsonnet'`],
    [`local never = importstr '/etc/hostname'; 1`],
  ])('%s', async (snippet) => {
    const found = await makeVm().evaluate(FILES, [snippet, '1']);

    expect(found[0]).toMatchObject({
      error: { message: expect.stringContaining('is not among the files') },
    });
    expect(found[1]).toEqual({ value: 1 });
  });

  test('a path that leaves the tree is not even written', async () => {
    const files = new Map([['../escaped.jsonnet', '1']]);

    await expect(makeVm().evaluate(files, ['1'])).rejects.toThrow('no path of a tree');
  });

  test('nothing of the environment can be asked for', async () => {
    const [answer] = await makeVm().evaluate(FILES, [`std.extVar('PATH')`]);

    expect(answer).toMatchObject({ error: { message: 'undefined external variable: PATH' } });
  });
}
