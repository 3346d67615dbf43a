import { expect, test } from 'vitest';
import defs from '../../schemas/defs.schema.json' with { type: 'json' };
import experiment from '../../schemas/experiment.schema.json' with { type: 'json' };
import project from '../../schemas/project.schema.json' with { type: 'json' };
import report from '../../schemas/report.schema.json' with { type: 'json' };
import runner from '../../schemas/runner.schema.json' with { type: 'json' };
import type { Json } from '../model/experiment.ts';
import { type CheckedFiles, makeValidator } from './validate.ts';

const validate = makeValidator([defs, experiment, project, report, runner]);

function problems(kind: keyof CheckedFiles, value: Json): readonly string[] {
  const checked = validate(kind, 'a.jsonnet', value);
  return 'problems' in checked
    ? checked.problems.map(({ at, message }) => `${at}: ${message}`)
    : [];
}

const anExperiment = (more: Json = {}) => ({ name: 'wine', command: ['x'], ...(more as object) });

test('a valid file comes back as its own type', () => {
  expect(validate('experiment', 'a.jsonnet', anExperiment())).toEqual({ value: anExperiment() });
});

test('all problems are told at once, each with its place, what was found and what was expected', () => {
  const wrong = anExperiment({
    name: 'My Exp',
    resources: { memroy: '1Gi', cpus: '2' },
    matrix: { lr: [1], 'model.hidden': 4 },
    retry: { attempts: 0 },
    timeout: '90',
    command: ['x', 3],
    include: [{}],
  });

  expect(problems('experiment', wrong)).toEqual([
    'name: "My Exp" does not fit: expected lower-case letters, digits, dot, dash, underscore; starts with a letter or digit',
    'matrix.model.hidden: 4 is a number; expected an array',
    'include[0]: has 0 fields; expected at least 1',
    'command[1]: 3 is a number; expected a string',
    'resources.memroy: is not a setting here. Did you mean "memory"?',
    'resources.cpus: "2" is a string; expected a number',
    'timeout: "90" does not fit: expected a number and a unit: 90s, 10m, 1h30m',
    'retry.attempts: 0 does not fit: expected >= 1',
  ]);
});

test('a word that is not one of those allowed names them and the nearest', () => {
  const [problem] = problems('experiment', anExperiment({ retry: { on: ['losst'] } }));

  expect(problem).toMatch(
    /^retry\.on\[0\]: "losst" does not fit: expected one of "exit", .*\. Did you mean "lost"\?$/,
  );
});

test('a name that the environment cannot have is told once', () => {
  expect(problems('experiment', anExperiment({ env: { 'a-b': 'x' } }))).toEqual([
    'env.a-b: "a-b" does not fit: expected text that matches ^[A-Za-z_][A-Za-z0-9_]*$',
  ]);
});

test('of alternatives only the errors of the one that was meant are told', () => {
  expect(problems('experiment', anExperiment({ matrix: [{ a: [1], b: [2] }, { c: 3 }] }))).toEqual([
    'matrix[0]: has 2 fields; expected at most 1',
    'matrix[1].c: 3 is a number; expected an array',
  ]);
  expect(problems('experiment', anExperiment({ matrix: 'no' }))).toEqual([
    'matrix: "no" is a string; expected an object or an array',
  ]);
});

test('a block of a report is checked as the block that it says it is', () => {
  const layout = [{ block: 'best', top: 0, tap: 3 }, { block: 'besst' }, {}, 'best'];

  const found = problems('report', { title: 'Wine', layout });

  expect(found).toHaveLength(5);
  expect(found.slice(0, 2)).toEqual([
    'layout[0].tap: is not a setting here. Did you mean "top"?',
    'layout[0].top: 0 does not fit: expected >= 1',
  ]);
  expect(found[2]).toMatch(/^layout\[1\]\.block: "besst" .* Did you mean "best"\?$/);
  expect(found[3]).toMatch(/^layout\[2\]\.block: is missing; expected one of "summary"/);
  expect(found[4]).toBe('layout[3]: "best" is a string; expected an object');
});

test.each<[keyof CheckedFiles, Json, string]>([
  ['experiment', [], ': is an array; expected an object'],
  ['experiment', { command: ['x'] }, 'name: is missing'],
  ['project', { limit: {} }, 'limit: is not a setting here. Did you mean "limits"?'],
  [
    'runner',
    { name: 'a', executor: { kind: 'proces' } },
    'executor.kind: "proces" does not fit: expected "process". Did you mean "process"?',
  ],
])('%s %j', (kind, value, problem) => {
  expect(problems(kind, value)).toEqual([problem]);
});
