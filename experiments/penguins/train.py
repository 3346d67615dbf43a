"""Which species is this penguin? A small neural network, written out in full.

Standard library only, Python >= 3.8. Method: four measurements, standardised with mean and
deviation of the training split; one hidden layer (tanh or relu); softmax with cross-entropy;
mini-batch gradient descent with a constant step `lr`. `seed` decides the split, the first weights
and the order of the batches: the same flags give the same curves. train.mjs is the same program
in JavaScript, step by step; the curves of both agree to about 15 digits.

    python3 train.py --lr=0.1 --epochs=30 --seed=0 --model.hidden=8 --model.activation=tanh
"""
import csv
import json
import math
import os
import sys
import time

FEATURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
SPECIES = ["Adelie", "Chinstrap", "Gentoo"]
VALIDATION_SHARE = 0.3

POSITIVE = (float, lambda v: math.isfinite(v) and v > 0, "a number above 0")
COUNT = (int, lambda v: v >= 1, "a whole number from 1")
FLAGS = {  # name: (parse, accepts, what is wanted), initial value
    "lr": (POSITIVE, 0.1),
    "epochs": (COUNT, 30),
    "seed": ((int, lambda v: v >= 0, "a whole number from 0"), 0),
    "batch": (COUNT, 32),  # rows a step; as many as there are, or more: full-batch descent
    "model.hidden": (COUNT, 8),
    "model.activation": ((str, lambda v: v in ("tanh", "relu"), "tanh or relu"), "tanh"),
    "model.weights": (COUNT, None),  # derived in the experiment; checked here against the network
}


def usage_error(message):
    print("train.py: " + message, file=sys.stderr)
    sys.exit(2)


def parse_flags(argv):
    """The parameters by dotted name: the defaults, then `--name=value` for each argument."""
    params = {name: initial for name, (_, initial) in FLAGS.items()}
    for argument in argv:
        name, equals, text = argument[2:].partition("=")
        if not argument.startswith("--") or not name or not equals:
            usage_error("%s: parameters are written --name=value" % argument)
        if name not in FLAGS:
            usage_error("--%s is not a parameter. Known: %s" % (name, ", ".join(FLAGS)))
        params[name] = parse_value(name, text)
    weights = params["model.hidden"] * (len(FEATURES) + 1 + len(SPECIES)) + len(SPECIES)
    if params["model.weights"] not in (None, weights):
        usage_error("--model.weights=%d: this network has %d" % (params["model.weights"], weights))
    params["model.weights"] = weights
    return params


def parse_value(name, text):
    parse, accepts, wanted = FLAGS[name][0]
    try:
        value = parse(text)
        if accepts(value):
            return value
    except ValueError:
        pass  # not a number: the same message as for a number out of range
    return usage_error("--%s=%s: expected %s" % (name, text, wanted))


def random_from(seed):
    """mulberry32: uniform numbers in [0, 1) from 32 bits of state."""
    state = seed & 0xFFFFFFFF

    def draw():
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        t ^= (t + (t ^ (t >> 7)) * (t | 61)) & 0xFFFFFFFF
        return (t ^ (t >> 14)) / 4294967296

    return draw


def shuffle(items, random):
    """The list in a random order, in place (Fisher-Yates)."""
    for i in range(len(items) - 1, 0, -1):
        j = int(random() * (i + 1))
        items[i], items[j] = items[j], items[i]


def read_penguins():
    """The penguins whose four measurements are all there, and how many lack one ("NA")."""
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "penguins.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    complete = []
    for row in rows:
        measurements = [row[feature] for feature in FEATURES]
        if "NA" not in measurements:
            complete.append(([float(text) for text in measurements], SPECIES.index(row["species"])))
    return complete, len(rows) - len(complete)


def measure_scale(rows):
    """Mean and standard deviation of each feature."""
    columns = list(zip(*(x for x, _ in rows)))
    mean = [sum(column) / len(column) for column in columns]
    variance = [sum((v - m) ** 2 for v in c) / len(c) for c, m in zip(columns, mean)]
    return mean, [math.sqrt(v) for v in variance]


def standardise(rows, mean, deviation):
    return [([(v - m) / d for v, m, d in zip(x, mean, deviation)], y) for x, y in rows]


def make_layer(inputs, outputs, random):
    """A layer: uniform first weights, narrower the more inputs there are; no bias at first."""
    bound = math.sqrt(1 / inputs)
    weights = [[(2 * random() - 1) * bound for _ in range(inputs)] for _ in range(outputs)]
    return {"weights": weights, "bias": [0.0] * outputs}


def apply(layer, x):
    neurons = zip(layer["weights"], layer["bias"])
    return [sum((w * v for w, v in zip(row, x)), bias) for row, bias in neurons]


ACTIVATIONS = {  # the function, and its derivative from the function's own value
    "tanh": (math.tanh, lambda a: 1 - a * a),
    "relu": (lambda z: 0.0 if z < 0 else z, lambda a: 1.0 if a > 0 else 0.0),  # NaN stays NaN
}


def softmax(z):
    if not all(map(math.isfinite, z)):
        return [math.nan] * len(z)  # diverged
    highest = max(z)  # subtracted, so that exp does not overflow
    powers = [math.exp(v - highest) for v in z]
    total = sum(powers)
    return [v / total for v in powers]


def forward(net, x):
    hidden = [net["activation"](z) for z in apply(net["first"], x)]
    return hidden, softmax(apply(net["second"], hidden))


def descend(net, batch, lr):
    """One step down the mean cross-entropy of the batch: all gradients first, then weights move."""
    pull = lr / len(batch)
    gradients = []
    for x, y in batch:
        hidden, probabilities = forward(net, x)
        outer = [p - (k == y) for k, p in enumerate(probabilities)]  # by the logits
        columns = zip(*net["second"]["weights"])
        back = [sum(d * w for d, w in zip(outer, column)) for column in columns]
        gradients.append((x, hidden, outer, [net["slope"](a) * d for a, d in zip(hidden, back)]))
    for x, hidden, outer, inner in gradients:
        move(net["second"], outer, hidden, pull)
        move(net["first"], inner, x, pull)


def move(layer, delta, inputs, pull):
    for k, d in enumerate(delta):
        layer["bias"][k] -= pull * d
        layer["weights"][k] = [w - pull * d * v for w, v in zip(layer["weights"][k], inputs)]


def evaluate(net, rows):
    """Mean cross-entropy, and the share of rows whose species got most (NaN is never right)."""
    loss, right = 0.0, 0
    for x, y in rows:
        _, probabilities = forward(net, x)
        p = probabilities[y]
        loss -= math.log(p) if p != 0 else -math.inf
        right += all(k == y or p > other for k, other in enumerate(probabilities))
    return loss / len(rows), right / len(rows)


def make_log(path):
    """Appends protocol lines to the file, or prints them."""
    file = open(path, "a", buffering=1) if path else sys.stdout

    def log(record):
        line = json.dumps(record, separators=(",", ":"), allow_nan=False)
        file.write(("" if path else "::lightex ") + line + "\n")
        file.flush()

    return log


def number(value):
    """The number as JSON takes it: NaN and the infinities go as "NaN", "Infinity", "-Infinity"."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def save_model(folder, model, log):
    with open(os.path.join(folder, "model.json"), "w") as file:
        json.dump(model, file)
    log({"artifact": {"path": "model.json", "type": "model"}})


def train(net, training, validation, params, random, log):
    """Trains for all epochs, logging each; gives back the best accuracy."""
    best, epochs, batch = 0.0, params["epochs"], params["batch"]
    for step in range(1, epochs + 1):
        shuffle(training, random)
        for i in range(0, len(training), batch):
            descend(net, training[i:i + batch], params["lr"])
        train_loss, _ = evaluate(net, training)
        loss, accuracy = evaluate(net, validation)
        metrics = {"train/loss": number(train_loss), "val/loss": number(loss)}
        metrics["val/accuracy"] = accuracy
        log({"metrics": metrics, "step": step, "t": round(time.time(), 3)})
        best = max(best, accuracy)
        if step % 5 == 0 or step == epochs:
            shown = "epoch %d/%d  loss %.4f  accuracy %.3f" % (step, epochs, loss, accuracy)
            print(shown, flush=True)
            log({"progress": step / epochs})
    return best


def main():
    params = parse_flags(sys.argv[1:])
    log = make_log(os.environ.get("LIGHTEX_LOG"))
    random = random_from(params["seed"])
    penguins, dropped = read_penguins()
    shuffle(penguins, random)
    held = math.floor(len(penguins) * VALIDATION_SHARE + 0.5)
    mean, deviation = measure_scale(penguins[held:])
    validation = standardise(penguins[:held], mean, deviation)
    training = standardise(penguins[held:], mean, deviation)
    first = make_layer(len(FEATURES), params["model.hidden"], random)
    second = make_layer(params["model.hidden"], len(SPECIES), random)
    activation, slope = ACTIVATIONS[params["model.activation"]]
    net = {"first": first, "second": second, "activation": activation, "slope": slope}
    best = train(net, training, validation, params, random, log)

    if os.environ.get("LIGHTEX_ARTIFACTS"):
        model = {"features": FEATURES, "species": SPECIES, "mean": mean, "deviation": deviation}
        model.update(activation=params["model.activation"], first=first, second=second)
        save_model(os.environ["LIGHTEX_ARTIFACTS"], model, log)
    rows = {"rows": len(penguins), "dropped": dropped}
    rows.update(training=len(training), validation=held)
    log({"summary": {**rows, "weights": params["model.weights"], "best/accuracy": best}})


if __name__ == "__main__":
    main()
