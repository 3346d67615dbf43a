// Trains a small neural network that tells three species of penguin apart (data: penguins/DATA.md).
local lx = import 'lightex/v1.libsonnet';

lx.experiment {
  name: 'penguins',
  description: 'How small can a network be that tells three species of penguin apart?',

  params: {
    lr: 0.1,
    epochs: 30,
    batch: 32,  // rows a step
    seed: 0,  // split, first weights, order of the batches
    model: {
      hidden: 8,
      activation: 'tanh',
      weights: self.hidden * 8 + 3,  // derived: follows every axis and every -p model.hidden=…
    },
  },

  // 3 x 4 x 2 cells, each with three seeds: 72 trials. One hidden neuron is too few, two are nearly
  // enough; with the smallest lr, 30 epochs are too few for the small ones.
  matrix: {
    lr: [0.3, 0.1, 0.03],
    'model.hidden': [1, 2, 4, 8],
    'model.activation': ['tanh', 'relu'],
  },
  seeds: [0, 1, 2],

  objective: { metric: 'val/accuracy', goal: 'maximize' },

  command: ['node', 'experiments/penguins/train.mjs'] + lx.flags($.params),
  report: 'penguins',  // reports/penguins.jsonnet
  code: ['experiments/penguins/**'],  // a commit that changes nothing of this runs nothing again
  resources: { cpus: 1, memory: '256Mi' },
  timeout: '5m',
}
