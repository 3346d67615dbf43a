import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { LightexError } from '../../src/model/errors.ts';
import { readSchemas } from '../../src/namedconf/jsonnet/schemas.ts';
import { makeConfigVm } from '../../src/namedconf/jsonnet/vm.ts';
import { NO_OVERRIDES, parseOverrides } from '../../src/namedconf/overrides.ts';
import { makePlan } from '../../src/namedconf/plan.ts';
import { loadProject } from '../../src/namedconf/project.ts';
import { loadRunners } from '../../src/namedconf/runners.ts';
import type { SourceTree } from '../../src/namedconf/source.ts';
import { makeValidator, type Validator } from '../../src/namedconf/validate.ts';

const vm = makeConfigVm();
let validate: Validator;

beforeAll(async () => {
  validate = makeValidator(await readSchemas());
});

function aTree(files: Readonly<Record<string, string>>): SourceTree {
  const oid = (text: string) => `${text.length}`.padStart(40, '0');
  return {
    entries: new Map(
      Object.entries(files).map(([path, text]) => [
        path,
        { path, oid: oid(text), mode: '100644', kind: 'file' as const },
      ]),
    ),
    read: async (paths) => paths.map((path) => files[path] as string),
  };
}

const load = (files: Readonly<Record<string, string>>) => loadProject(aTree(files), vm, validate);

async function plan(files: Readonly<Record<string, string>>, overrides = NO_OVERRIDES) {
  const tree = aTree(files);
  const project = await loadProject(tree, vm, validate);
  const [experiment] = project.experiments;
  if (experiment === undefined) throw new Error(JSON.stringify(project.problems));
  return makePlan(experiment, project, tree, vm, validate, overrides);
}

async function problemsOf(promise: Promise<unknown>) {
  const error = await promise.catch((cause: unknown) => cause);
  if (!(error instanceof LightexError)) throw error;
  return { code: error.code, problems: error.problems.map(({ at, message }) => [at, message]) };
}

const SWEEP = `
local lx = import 'lightex/v1.libsonnet';
lx.experiment {
  name: 'sweep',
  params: { lr: 0.1, seed: 0, model: { hidden: 8, depth: 2 }, steps: $.params.model.hidden * 10 },
  matrix: { lr: [0.3, 0.1], 'model.hidden': [4, 8] },
  exclude: [{ lr: 0.3, 'model.hidden': 4 }],
  seeds: [0, 1],
  command: ['python', 'train.py'] + lx.flags($.params),
  resources: { cpus: $.params.model.hidden / 4 },
}`;
const anExperiment = (name: string, more = '') => `{ name: '${name}', command: ['x'], ${more} }`;

describe('a project', () => {
  test('is empty where nothing is declared, with the documented settings', async () => {
    expect(await load({ 'train.py': '' })).toEqual({
      settings: { store: '.lightex/store', defaults: {}, limits: { trials: 10_000 } },
      experiments: [],
      reports: [],
      invalid: new Map(),
      problems: [],
    });
  });

  test('has its experiments in Jsonnet and JSON outside lib/, and its reports, by path', async () => {
    const project = await load({
      'experiments/b.json': JSON.stringify({ name: 'b', command: ['x'] }),
      'experiments/deep/a.jsonnet': anExperiment('a', `report: 'wine'`),
      'experiments/lib/part.jsonnet': '{}',
      'experiments/deep/lib/part.json': '{}',
      'experiments/part.libsonnet': '{}',
      'reports/wine.jsonnet': `(import 'lightex/v1.libsonnet').report { title: 'Wine', from: { experiment: 'a' } }`,
    });

    expect(project.problems).toEqual([]);
    expect(project.experiments.map(({ name, file }) => [name, file])).toEqual([
      ['b', 'experiments/b.json'],
      ['a', 'experiments/deep/a.jsonnet'],
    ]);
    expect(project.reports).toEqual([
      {
        name: 'wine',
        file: 'reports/wine.jsonnet',
        definition: { title: 'Wine', from: { experiment: 'a' } },
      },
    ]);
  });
});

describe('what is wrong in a project', () => {
  test('an invalid file blocks itself only, and all its problems are told', async () => {
    const project = await load({
      'experiments/a.jsonnet': anExperiment('a'),
      'experiments/b.jsonnet': anExperiment('b', `resources: { memroy: '1Gi' }, matrix: { lr: 1 }`),
      'experiments/c.jsonnet': '{\n  a b\n}',
      'experiments/d.jsonnet': `import 'lib/none.libsonnet'`,
      'experiments/e.jsonnet': anExperiment('e', 'matrix: { lr: [1] }, params: { lrs: 1 }'),
      'experiments/f.jsonnet': anExperiment(
        'f',
        'matrix: { x: std.range(1, 20000) }, params: { x: 1 }',
      ),
      'experiments/g.jsonnet': anExperiment('g', `report: 'wien'`),
      'reports/wine.jsonnet': `{ title: 'Wine', from: { experiment: 'aa' } }`,
    });

    expect(project.experiments.map(({ name }) => name)).toEqual(['a']);
    expect(new Map([...project.invalid].map(([file, { code }]) => [file, code]))).toEqual(
      new Map([
        ['experiments/b.jsonnet', 'LTX_CONFIG_INVALID'],
        ['experiments/c.jsonnet', 'LTX_CONFIG_EVALUATION'],
        ['experiments/d.jsonnet', 'LTX_IMPORT_MISSING'],
        ['experiments/e.jsonnet', 'LTX_CONFIG_INVALID'],
        ['experiments/f.jsonnet', 'LTX_MATRIX_TOO_LARGE'],
        ['experiments/g.jsonnet', 'LTX_CONFIG_INVALID'],
        ['reports/wine.jsonnet', 'LTX_CONFIG_INVALID'],
      ]),
    );
    expect(project.invalid.get('experiments/b.jsonnet')?.problems).toHaveLength(2);
    expect(project.invalid.get('experiments/c.jsonnet')?.problems).toEqual([
      {
        file: 'experiments/c.jsonnet',
        at: '2:5',
        message: 'expected token OPERATOR but got (IDENTIFIER, "b")',
        source: '  a b',
      },
    ]);
    expect(project.problems.map(({ at, message }) => `${at}: ${message}`)).toEqual(
      expect.arrayContaining([
        'report: there is no reports/wien.jsonnet. Did you mean "wine"?',
        'from.experiment: there is no experiment "aa". Did you mean "a"?',
      ]),
    );
  });
});

describe('files that clash or speak for all', () => {
  test('two files of one name are both invalid', async () => {
    const project = await load({
      'experiments/a.jsonnet': anExperiment('same'),
      'experiments/b.jsonnet': anExperiment('same'),
    });

    expect(project.experiments).toEqual([]);
    expect(project.problems.map(({ file, message }) => [file, message])).toEqual([
      [
        'experiments/a.jsonnet',
        '"same" is also the name of experiments/b.jsonnet; names are unique',
      ],
      [
        'experiments/b.jsonnet',
        '"same" is also the name of experiments/a.jsonnet; names are unique',
      ],
    ]);
  });

  test.each([
    [`{ limit: 1 }`, 'LTX_CONFIG_INVALID', 'limit'],
    [`{ defaults: { resources: { cpu: 1 } } }`, 'LTX_CONFIG_INVALID', 'defaults.resources.cpu'],
    [`{ store: }`, 'LTX_CONFIG_EVALUATION', '1:10'],
    [`import '/etc/passwd'`, 'LTX_IMPORT_OUTSIDE', '1:1'],
  ])('a lightex.jsonnet with %s blocks everything', async (settings, code, place) => {
    const { code: found, problems } = await problemsOf(
      load({ 'lightex.jsonnet': settings, 'experiments/a.jsonnet': anExperiment('a') }),
    );

    expect(found).toBe(code);
    expect(problems[0]?.[0]).toBe(place);
  });
});

describe('runners', () => {
  test('are evaluated and validated, and two of one name are both invalid', async () => {
    const tree = aTree({
      'runners/a.jsonnet': `{ name: 'local', capacity: { cpus: 2 * 2 } }`,
      'runners/b.jsonnet': `{ name: 'twin' }`,
      'runners/c.jsonnet': `{ name: 'twin' }`,
      'runners/d.jsonnet': `{ name: 'd', executor: { kind: 'rocket' } }`,
      'runners/lib/e.jsonnet': `{}`,
    });

    const { files, invalid } = await loadRunners(tree, vm, validate);

    expect([...files]).toEqual([['runners/a.jsonnet', { name: 'local', capacity: { cpus: 4 } }]]);
    expect([...invalid.keys()].sort()).toEqual([
      'runners/b.jsonnet',
      'runners/c.jsonnet',
      'runners/d.jsonnet',
    ]);
  });
});

describe('a plan', () => {
  test('has every cell evaluated by itself: command, resources and derived parameters follow', async () => {
    const { trials } = await plan({ 'experiments/sweep.jsonnet': SWEEP });

    expect(trials.map(({ label }) => label)).toEqual([
      'lr=0.3 model.hidden=8 seed=0',
      'lr=0.3 model.hidden=8 seed=1',
      'lr=0.1 model.hidden=4 seed=0',
      'lr=0.1 model.hidden=4 seed=1',
      'lr=0.1 model.hidden=8 seed=0',
      'lr=0.1 model.hidden=8 seed=1',
    ]);
    expect(trials[3]).toMatchObject({
      experiment: 'sweep',
      cell: { lr: 0.1, 'model.hidden': 4, seed: 1 },
      seed: 1,
      spec: {
        params: { lr: 0.1, seed: 1, model: { hidden: 4, depth: 2 }, steps: 40 },
        command: [
          'python',
          'train.py',
          '--lr=0.1',
          '--model.depth=2',
          '--model.hidden=4',
          '--seed=1',
          '--steps=40',
        ],
        resources: { cpus: 1, gpus: 0 },
      },
    });
    expect(new Set(trials.map(({ runId }) => runId)).size).toBe(6);
  });

  test('may have parameters that refer to the matrix, which is not written out for each trial', async () => {
    const fields = 'params: { n: 1, of: std.length($.matrix.n) }, matrix: { n: [1, 2, 3] }';

    const { trials } = await plan({ 'experiments/a.jsonnet': anExperiment('a', fields) });

    expect(trials.map(({ spec }) => spec.params)).toEqual([1, 2, 3].map((n) => ({ n, of: 3 })));
  });

  test('depends on code, not on declarations', async () => {
    const files = { 'experiments/sweep.jsonnet': SWEEP, 'train.py': 'a', 'README.md': 'a' };
    const ids = async (more: Record<string, string>) =>
      (await plan({ ...files, ...more })).trials.map(({ runId }) => runId);
    const before = await ids({});

    expect(await ids({ 'README.md': 'other', 'reports/a.jsonnet': `{ title: 'a' }` })).toEqual(
      before,
    );
    expect(await ids({ 'lightex.jsonnet': `{ defaults: { priority: 3 } }` })).toEqual(before);
    expect(await ids({ 'train.py': 'other' })).not.toEqual(before);
  });
});

describe('a plan with overrides', () => {
  test('pins parameters, adds axes and sets fields', async () => {
    const overrides = parseOverrides({
      params: ['lr=0.3'],
      axes: ['model.depth=1,3', '+drop=0.5'],
      settings: ['resources.gpus=2', 'seeds=[5]'],
    });

    const { trials } = await plan({ 'experiments/sweep.jsonnet': SWEEP }, overrides);

    expect(trials.map(({ label }) => label)).toEqual([
      'lr=0.3 model.hidden=8 model.depth=1 drop=0.5 seed=5',
      'lr=0.3 model.hidden=8 model.depth=3 drop=0.5 seed=5',
    ]);
    expect(trials[0]?.spec).toMatchObject({
      params: { drop: 0.5, model: { depth: 1, hidden: 8 } },
      resources: { cpus: 2, gpus: 2 },
    });
    expect(trials[0]?.spec.command).toContain('--drop=0.5');
  });

  test('counts cells once that a pin makes equal', async () => {
    const overrides = parseOverrides({ params: ['lr=9'], axes: [], settings: [] });
    const files = {
      'experiments/a.jsonnet': anExperiment(
        'a',
        'params: { lr: 1, w: 1 }, matrix: { lr: [1, 2] }, include: [{ lr: 5 }, { lr: 6, w: 2 }]',
      ),
    };
    const other = parseOverrides({ params: ['w=2'], axes: [], settings: [] });

    expect((await plan(files, overrides)).trials.map(({ label }) => label)).toEqual([
      'lr=9',
      'lr=9 w=2',
    ]);
    expect((await plan(files, other)).trials.map(({ label }) => label)).toHaveLength(4);
  });

  test('refuses an axis that sets what another one sets', async () => {
    const overrides = parseOverrides({ params: [], axes: ['model={"hidden":1}'], settings: [] });

    const { problems } = await problemsOf(plan({ 'experiments/sweep.jsonnet': SWEEP }, overrides));

    expect(problems).toEqual([['matrix.model', 'sets what the axis model.hidden sets too']]);
  });
});

describe('a plan that fails', () => {
  test('problems of single trials name the trial, and all are told at once', async () => {
    const files = {
      'experiments/a.jsonnet': `{
  name: 'a', command: ['x', if $.params.lr == 3 then 7 else 'y'],
  params: { lr: 1, bad: if $.params.lr == 2 then error 'two is bad' else 0 },
  matrix: { lr: [1, 2, 3, 4] },
}`,
    };

    expect(await problemsOf(plan(files))).toEqual({
      code: 'LTX_CONFIG_EVALUATION',
      problems: [
        ['3:50', 'trial lr=2: two is bad'],
        ['command[1]', 'trial lr=3: 7 is a number; expected a string'],
      ],
    });
  });

  test('a sweep that is broken as a whole says so soon', async () => {
    const files = {
      'experiments/a.jsonnet': `{
  name: 'a', command: ['x'], params: { n: 0 }, matrix: { n: std.range(1, 5000) },
  assert self.params.n == 0 : 'n must be 0',
}`,
    };
    const start = performance.now();

    const { problems } = await problemsOf(plan(files));

    expect(problems).toHaveLength(21);
    expect(problems[0]).toEqual(['3:31', 'trial n=1: n must be 0']);
    expect(problems[20]).toEqual(['', '30 more like these; 4950 more trials were not evaluated']);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test('an included cell that only says what follows from another is refused', async () => {
    const fields =
      'params: { n: 1, m: 2 * $.params.n }, matrix: { n: [1, 2] }, include: [{ n: 2, m: 4 }]';
    const files = { 'experiments/a.jsonnet': anExperiment('a', fields) };

    await expect(plan(files)).rejects.toMatchObject({
      code: 'LTX_MATRIX_DUPLICATE',
      message: expect.stringContaining('the trials n=2 and n=2 m=4 are the same'),
    });
  });

  test('a glob of code that matches nothing is refused', async () => {
    const files = {
      'src/a.py': '',
      'experiments/a.jsonnet': anExperiment('a', `code: ['src/**', 'scr/**']`),
    };

    expect((await problemsOf(plan(files))).problems).toEqual([
      ['code[1]', '"scr/**" matches no file of the commit'],
    ]);
  });
});

describe('the library', () => {
  const evaluate = async (expression: string) => {
    const [answer] = await vm.evaluate(new Map(), [
      `local lx = import 'lightex/v1.libsonnet'; ${expression}`,
    ]);
    if (answer === undefined || 'error' in answer) throw new Error(JSON.stringify(answer));
    return answer.value;
  };

  test('uses neither % nor std.format, which cost milliseconds a use', () => {
    const source = readFileSync('src/namedconf/jsonnet/v1.libsonnet', 'utf8');
    const code = source.replace(/\/\/.*$/gm, '');

    expect(code.split('%').length - 1).toBe(0);
    expect(code.split('std.format').length - 1).toBe(0);
  });

  test('flags are sorted, numbers are the shortest that mean the same', async () => {
    const params = `{ b: { z: 1, a: 'x y' }, a: [0.1, 'q"', {}, [true, null]], c: {}, d: -12.345, e: 1e-7, f: 3e10, g: 1 / 3, h: null, i: 123456789.125 }`;

    expect(await evaluate(`lx.flags(${params})`)).toEqual([
      '--a=[0.1,"q\\"",{},[true,null]]',
      '--b.a=x y',
      '--b.z=1',
      '--c={}',
      '--d=-12.345',
      '--e=0.0000001',
      '--f=30000000000',
      '--g=0.33333333333333331',
      '--h=null',
      '--i=123456789.125',
    ]);
  });

  test('spaces have clean numbers and both ends', async () => {
    expect(
      await evaluate('[lx.linspace(0, 1, 11), lx.logspace(0.0001, 1, 5), lx.logspace(2, 2, 1)]'),
    ).toEqual([
      [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
      [0.0001, 0.001, 0.01, 0.1, 1],
      [2],
    ]);
  });

  test('every block of a report is one that the schema knows', async () => {
    const layout = await evaluate(`[
      lx.summary(), lx.best(), lx.best(top=3), lx.curves(), lx.curves(['loss'], points=50), lx.params(),
      lx.params(['lr']), lx.diff(), lx.failures(), lx.runs(), lx.text('a'), lx.text('a', title='b'),
      lx.table({ title: 't', sql: 'SELECT 1' }),
      lx.chart({ title: 't', sql: 'SELECT 1', spec: { mark: 'bar' }, alt: 'a bar' }),
    ]`);

    expect(validate('report', 'r', { title: 'all', layout })).toEqual({
      value: { title: 'all', layout },
    });
  });
});
