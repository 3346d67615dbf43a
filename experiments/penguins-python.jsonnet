// The same network in Python: everything that is not said here is inherited.
local lx = import 'lightex/v1.libsonnet';

(import 'penguins.jsonnet') + {
  name: 'penguins-python',
  description: 'The same network in Python: do both programs learn the same?',
  command: ['python3', 'experiments/penguins/train.py'] + lx.flags($.params),
  runs_on: ['python'],  // a label that runners carry where python3 is found
  matrix: { lr: [0.3, 0.03], 'model.hidden': [2, 8] },  // replaces; `matrix+:` would add axes
  seeds: [0, 1],
}
