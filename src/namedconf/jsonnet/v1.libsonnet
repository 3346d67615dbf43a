// The LightEx library: local lx = import 'lightex/v1.libsonnet';
// No `%` and no std.format here: the interpreter needs milliseconds for each use, and a sweep has thousands of cells.

// The shortest decimal that reads back as the number x. The interpreter's own text of 0.1 is 0.10000000000000001.
// Digits n with e decimals are x when n / 10^e is: both are exact below 2^53, so the division rounds only once.
local number(x) =
  local size = std.abs(x);
  local search(e, scale) =
    local n = std.floor(size * scale + 0.5);
    if e > 15 || n >= 9007199254740992 then null
    else if n / scale == size then { digits: '' + n, decimals: e }
    else search(e + 1, scale * 10);
  local found = if std.floor(x) == x then null else search(1, 10);
  if found == null then '' + x
  else
    local missing = std.max(0, found.decimals + 1 - std.length(found.digits));
    local digits = std.repeat('0', missing) + found.digits;
    local point = std.length(digits) - found.decimals;
    (if x < 0 then '-' else '') + std.substr(digits, 0, point) + '.' + std.substr(digits, point, found.decimals);

// JSON without spaces; std.manifestJsonMinified is slower and writes numbers with 17 digits.
local json(value) =
  if std.isNumber(value) then number(value)
  else if std.isArray(value) then '[' + std.join(',', [json(v) for v in value]) + ']'
  else if std.isObject(value) then
    '{' + std.join(',', [json(key) + ':' + json(value[key]) for key in std.objectFields(value)]) + '}'
  else if std.isString(value) then
    local quoted = '' + [value];
    std.substr(quoted, 1, std.length(quoted) - 2)
  else '' + value;

// x with 12 significant digits: 0.1 + 0.2 is meant to be 0.3.
local clean(x) =
  if x == 0 then 0
  else
    local digits = 11 - std.floor(std.log(std.abs(x)) / std.log(10));
    if digits >= 0 then std.floor(x * std.pow(10, digits) + 0.5) / std.pow(10, digits)
    else std.floor(x / std.pow(10, -digits) + 0.5) * std.pow(10, -digits);

{
  // An experiment to extend: lx.experiment { name: 'wine', command: ['python', 'train.py'], … }
  experiment: { params: {} },

  // A report to extend: lx.report { title: 'Wine', layout: [lx.summary(), lx.best()] }
  report: {},

  // Command line arguments from parameters, sorted: { lr: 0.1, model: { hidden: 4 } } gives
  // ['--lr=0.1', '--model.hidden=4']. Text as it is; numbers, true, false, null, arrays and {} as JSON.
  flags(params, prefix='--'):: std.flattenArrays([
    local value = params[key];
    if std.isObject(value) && std.length(value) > 0 then $.flags(value, prefix + key + '.')
    else [prefix + key + '=' + (if std.isString(value) then value else json(value))]
    for key in std.objectFields(params)
  ]),

  // `count` values from `first` to `last` with equal steps: linspace(0, 1, 5) is [0, 0.25, 0.5, 0.75, 1].
  linspace(first, last, count)::
    if count == 1 then [first]
    else [clean(first + (last - first) * i / (count - 1)) for i in std.range(0, count - 1)],

  // `count` values from `first` to `last` with equal ratios: logspace(0.001, 0.1, 3) is [0.001, 0.01, 0.1].
  logspace(first, last, count)::
    if count == 1 then [first]
    else [clean(first * std.pow(last / first, i / (count - 1))) for i in std.range(0, count - 1)],

  // Block: what was asked, how many runs ended how, and the best configuration.
  summary():: { block: 'summary' },

  // Block: the best configurations by the objective, `top` of them.
  best(top=10):: { block: 'best', top: top },

  // Block: metrics over steps, one curve a configuration; without `metrics` the objective's and those most logged.
  curves(metrics=null, points=100)::
    { block: 'curves', points: points } + (if metrics == null then {} else { metrics: metrics }),

  // Block: the objective against each parameter; without `params` all that vary.
  params(params=null):: { block: 'params' } + (if params == null then {} else { params: params }),

  // Block: what the best configurations have that others lack, `top` of them.
  diff(top=5):: { block: 'diff', top: top },

  // Block: runs that failed, by reason.
  failures():: { block: 'failures' },

  // Block: all runs.
  runs():: { block: 'runs' },

  // Block: paragraphs of plain text, parted by empty lines.
  text(text, title=null):: { block: 'text', text: text } + (if title == null then {} else { title: title }),

  // Block: the rows of a SELECT. lx.table({ title, sql })
  table(fields):: { block: 'table' } + fields,

  // Block: a Vega-Lite picture of a SELECT. lx.chart({ title, sql, spec, alt }), where `alt` says it in words.
  chart(fields):: { block: 'chart' } + fields,
}
