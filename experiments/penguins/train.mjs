// Which species is this penguin? A small neural network, written out in full, for Node >= 20.19.
//
// Method: four measurements, standardised with mean and deviation of the training split; one
// hidden layer (tanh or relu); softmax with cross-entropy; mini-batch gradient descent with a
// constant step `lr`. `seed` decides the split, the first weights and the order of the batches:
// the same flags give the same curves. train.py is the same program in Python, step by step.
//
//   node train.mjs --lr=0.1 --epochs=30 --seed=0 --model.hidden=8 --model.activation=tanh
import { openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const FEATURES = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g'];
const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'];
const VALIDATION_SHARE = 0.3;

// `slope` is the derivative, from the function's own value.
const ACTIVATIONS = {
  tanh: { value: Math.tanh, slope: (a) => 1 - a * a },
  relu: { value: (z) => Math.max(0, z), slope: (a) => (a > 0 ? 1 : 0) },
};

const isPositive = (v) => Number.isFinite(v) && v > 0;
const isWhole = (v) => Number.isSafeInteger(v) && v >= 0;
const isCount = (v) => isWhole(v) && v >= 1;
const FLAGS = {
  lr: [0.1, isPositive, 'a number above 0'],
  epochs: [30, isCount, 'a whole number from 1'],
  seed: [0, isWhole, 'a whole number from 0'],
  batch: [32, isCount, 'a whole number from 1'], // rows a step; all of them or more: full batch
  'model.hidden': [8, isCount, 'a whole number from 1'],
  'model.activation': ['tanh', (v) => Object.hasOwn(ACTIVATIONS, v), 'tanh or relu'],
  'model.weights': [undefined, isCount, 'a whole number from 1'], // derived, so only checked
};

function usageError(message) {
  process.stderr.write(`train.mjs: ${message}\n`);
  process.exit(2);
}

/** The parameters by dotted name: the defaults, then `--name=value` for each argument. */
function parseFlags(argv) {
  const params = Object.fromEntries(Object.entries(FLAGS).map(([name, [value]]) => [name, value]));
  for (const flag of argv) {
    const [, name, text] = /^--([^=]+)=(.*)$/s.exec(flag) ?? [];
    if (name === undefined) usageError(`${flag}: parameters are written --name=value`);
    if (!Object.hasOwn(FLAGS, name))
      usageError(`--${name} is not a parameter. Known: ${Object.keys(FLAGS).join(', ')}`);
    const [initial, accepts, wanted] = FLAGS[name];
    params[name] = typeof initial === 'string' ? text : Number(text.trim() || 'missing');
    if (!accepts(params[name])) usageError(`${flag}: expected ${wanted}`);
  }
  const weights = params['model.hidden'] * (FEATURES.length + 1 + SPECIES.length) + SPECIES.length;
  const claimed = params['model.weights'] ?? weights;
  if (claimed !== weights) usageError(`--model.weights=${claimed}: this network has ${weights}`);
  return { ...params, 'model.weights': weights };
}

/** mulberry32: uniform numbers in [0, 1) from 32 bits of state. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Puts the list into a random order, in place (Fisher-Yates). */
function shuffle(list, random) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}

const sum = (list, value) => list.reduce((total, item, i) => total + value(item, i), 0);

/** The penguins whose four measurements are all there, and how many lack one ("NA"). */
function readPenguins() {
  const csv = readFileSync(new URL('penguins.csv', import.meta.url), 'utf8').trim();
  const [columns, ...cells] = csv.split(/\r?\n/).map((line) => line.split(','));
  const rows = cells.map((row) => ({
    x: FEATURES.map((feature) => Number(row[columns.indexOf(feature)])),
    y: SPECIES.indexOf(row[columns.indexOf('species')]),
  }));
  const complete = rows.filter(({ x }) => x.every(Number.isFinite));
  return { complete, dropped: rows.length - complete.length };
}

/** Mean and standard deviation of each feature. */
function measureScale(rows) {
  const mean = FEATURES.map((_, i) => sum(rows, ({ x }) => x[i]) / rows.length);
  const variance = mean.map((m, i) => sum(rows, ({ x }) => (x[i] - m) ** 2) / rows.length);
  return { mean, deviation: variance.map(Math.sqrt) };
}

const standardise = (rows, { mean, deviation }) =>
  rows.map(({ x, y }) => ({ x: x.map((v, i) => (v - mean[i]) / deviation[i]), y }));

/** A layer: uniform first weights, narrower the more inputs there are; no bias at first. */
function makeLayer(inputs, outputs, random) {
  const weight = () => (2 * random() - 1) * Math.sqrt(1 / inputs);
  const weights = Array.from({ length: outputs }, () => Array.from({ length: inputs }, weight));
  return { weights, bias: new Array(outputs).fill(0) };
}

const apply = ({ weights, bias }, x) =>
  weights.map((row, k) => row.reduce((total, weight, i) => total + weight * x[i], bias[k]));

function softmax(z) {
  const highest = Math.max(...z); // subtracted, so that exp does not overflow
  const powers = z.map((value) => Math.exp(value - highest));
  const total = sum(powers, (power) => power);
  return powers.map((power) => power / total);
}

function forward(net, x) {
  const hidden = apply(net.first, x).map(net.activation.value);
  return { hidden, probabilities: softmax(apply(net.second, hidden)) };
}

/** One step down the mean cross-entropy of the batch: all gradients first, then weights move. */
function descend(net, batch, lr) {
  const gradients = batch.map(({ x, y }) => {
    const { hidden, probabilities } = forward(net, x);
    const outer = probabilities.map((p, k) => p - (k === y ? 1 : 0)); // by the logits
    const back = (j) => sum(outer, (d, k) => d * net.second.weights[k][j]);
    return { x, hidden, outer, inner: hidden.map((a, j) => net.activation.slope(a) * back(j)) };
  });
  for (const { x, hidden, outer, inner } of gradients) {
    move(net.second, outer, hidden, lr / batch.length);
    move(net.first, inner, x, lr / batch.length);
  }
}

function move(layer, gradient, input, pull) {
  gradient.forEach((d, k) => {
    layer.bias[k] -= pull * d;
    layer.weights[k] = layer.weights[k].map((weight, i) => weight - pull * d * input[i]);
  });
}

/** Mean cross-entropy, and the share of rows whose species got most (NaN is never right). */
function evaluate(net, rows) {
  const given = rows.map(({ x, y }) => ({ y, p: forward(net, x).probabilities }));
  const right = given.filter(({ y, p }) => p.every((other, k) => k === y || p[y] > other));
  const loss = sum(given, ({ y, p }) => -Math.log(p[y])) / rows.length;
  return { loss, accuracy: right.length / rows.length };
}

/** Appends protocol lines to the file, or prints them; JSON has no NaN: it goes as "NaN". */
function makeLog(path) {
  const plain = (_, v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v);
  if (!path) return (line) => process.stdout.write(`::lightex ${JSON.stringify(line, plain)}\n`);
  const fd = openSync(path, 'a');
  return (line) => writeSync(fd, `${JSON.stringify(line, plain)}\n`);
}

/** Trains for all epochs, logging each; gives back the best accuracy. */
function train(net, training, validation, { epochs, batch, lr }, random, log) {
  let best = 0;
  for (let step = 1; step <= epochs; step++) {
    shuffle(training, random);
    for (let i = 0; i < training.length; i += batch) descend(net, training.slice(i, i + batch), lr);
    const { loss, accuracy } = evaluate(net, validation);
    const metrics = { 'train/loss': evaluate(net, training).loss, 'val/loss': loss };
    log({ metrics: { ...metrics, 'val/accuracy': accuracy }, step, t: Date.now() / 1000 });
    best = Math.max(best, accuracy);
    if (step % 5 !== 0 && step !== epochs) continue;
    const shown = `loss ${loss.toFixed(4)}  accuracy ${accuracy.toFixed(3)}`;
    process.stdout.write(`epoch ${step}/${epochs}  ${shown}\n`);
    log({ progress: step / epochs });
  }
  return best;
}

const params = parseFlags(process.argv.slice(2));
const { 'model.hidden': size, 'model.activation': activation, 'model.weights': weights } = params;
const log = makeLog(process.env.LIGHTEX_LOG);
const random = randomFrom(params.seed);
const { complete, dropped } = readPenguins();
shuffle(complete, random);
const held = Math.round(complete.length * VALIDATION_SHARE);
const scale = measureScale(complete.slice(held));
const validation = standardise(complete.slice(0, held), scale);
const training = standardise(complete.slice(held), scale);
const first = makeLayer(FEATURES.length, size, random);
const second = makeLayer(size, SPECIES.length, random);
const net = { first, second, activation: ACTIVATIONS[activation] };
const best = train(net, training, validation, params, random, log);

if (process.env.LIGHTEX_ARTIFACTS) {
  const model = { features: FEATURES, species: SPECIES, ...scale, activation, first, second };
  writeFileSync(join(process.env.LIGHTEX_ARTIFACTS, 'model.json'), JSON.stringify(model));
  log({ artifact: { path: 'model.json', type: 'model' } });
}
const rows = { rows: complete.length, dropped, training: training.length, validation: held };
log({ summary: { ...rows, weights, 'best/accuracy': best } });
