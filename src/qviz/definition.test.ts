import { expect, test } from 'vitest';
import { resolveDefinition } from './definition.ts';

const EXPERIMENT = {
  name: 'penguins',
  description: 'How small can the classifier be?',
  params: { lr: 0.1, model: { hidden: 8 } },
  objective: { metric: 'val/accuracy', goal: 'maximize', of: 'best' },
} as const;

test('an experiment without a report gets the built-in comparison', () => {
  const definition = resolveDefinition(undefined, EXPERIMENT);

  expect(definition).toMatchObject({
    title: 'Comparison of penguins',
    question: 'How small can the classifier be?',
    objective: EXPERIMENT.objective,
    group: { over: 'seed' },
    baseline: { params: { lr: 0.1, 'model.hidden': 8 }, source: 'experiment' },
  });
  expect(definition.layout.map(({ block }) => block)).toEqual([
    'summary',
    'best',
    'curves',
    'params',
    'diff',
    'failures',
    'runs',
  ]);
});

test('what the file says wins', () => {
  const definition = resolveDefinition(
    {
      title: 'Small',
      from: { experiment: 'other', where: 'duration_s > 1' },
      group: { by: ['lr'], over: 'fold' },
      objective: { metric: 'loss', goal: 'minimize' },
      baseline: { model: { hidden: 4 } },
      layout: [{ block: 'runs' }],
    },
    EXPERIMENT,
  );

  expect(definition).toEqual({
    title: 'Small',
    experiment: 'other',
    where: 'duration_s > 1',
    group: { by: ['lr'], over: 'fold' },
    objective: { metric: 'loss', goal: 'minimize', of: 'last' },
    baseline: { params: { 'model.hidden': 4 }, source: 'report' },
    scales: {},
    layout: [{ block: 'runs' }],
  });
});
