/** What a verb does, given its arguments and options; the exit code of the command. */
export type Verb = (
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
) => Promise<number>;

interface VerbEntry {
  /** The verb and its arguments, in commander's notation. */
  readonly usage: string;
  readonly summary: string;
  /** Examples, shown under the options. */
  readonly help: string;
  readonly options: readonly (readonly [
    flags: string,
    description: string,
    initial?: string | string[],
  ])[];
  /** Loads the code of this verb alone. */
  readonly load: () => Promise<{ readonly run: Verb }>;
}

const JSON_OPTION = ['--json', 'print one JSON document'] as const;
const PARAM_OPTIONS = [
  ['-p, --param <key=value...>', 'set a parameter: -p lr=0.1 -p model.hidden=4'],
  ['-m, --matrix <key=values...>', 'set an axis: -m lr=0.1,0.01'],
  ['--set <key=value...>', 'set another field: --set resources.cpus=2'],
] as const;

/** Every verb there is, in the order of the help. */
export const VERBS: readonly VerbEntry[] = [
  {
    usage: 'init [dir]',
    summary: 'make a workspace that runs at once',
    help: 'Examples:\n  lightex init my-study\n  lightex init            # here',
    options: [JSON_OPTION],
    load: () => import('./init.ts'),
  },
  {
    usage: 'check [files...]',
    summary: 'evaluate and validate experiments, runners and reports',
    help: 'Examples:\n  lightex check\n  lightex check experiments/penguins.jsonnet',
    options: [JSON_OPTION],
    load: () => import('./check.ts'),
  },
  {
    usage: 'plan <experiment>',
    summary: 'what would run, what is reused, and the configuration of a trial',
    help: 'Examples:\n  lightex plan penguins\n  lightex plan penguins -m lr=0.1,0.01 --json\n  lightex plan penguins --trial 3',
    options: [
      ...PARAM_OPTIONS,
      ['--trial <n>', 'show one trial whole, counted from 1'],
      JSON_OPTION,
    ],
    load: () => import('./plan.ts'),
  },
  {
    usage: 'run <experiment>',
    summary: 'plan and execute here, now, without a daemon or a remote',
    help: 'What did not succeed yet runs; the working directory is kept as a commit, and no branch moves.\n\nExamples:\n  lightex run penguins\n  lightex run penguins -p epochs=5 -m lr=0.1,0.3',
    options: [
      ...PARAM_OPTIONS,
      ['--runner <name>', 'a file of runners/ (default: the first that fits)'],
      JSON_OPTION,
    ],
    load: () => import('./run.ts'),
  },
  {
    usage: 'runner <action> [name]',
    summary: 'start: watch a remote and run what is pushed to it; wake: look at once',
    help: 'Examples:\n  lightex runner start\n  lightex runner start lab1 --once   # works until nothing is left, then ends',
    options: [['--once', 'look once, work until nothing is left, end'], JSON_OPTION],
    load: () => import('./runner.ts'),
  },
  {
    usage: 'ps',
    summary: 'runs that have not ended, and runners',
    help: 'Examples:\n  lightex ps\n  lightex ps --json',
    options: [JSON_OPTION],
    load: () => import('./ps.ts'),
  },
  {
    usage: 'runs [experiment]',
    summary: 'the history of runs, newest first',
    help: `Examples:\n  lightex runs penguins\n  lightex runs --where "status = 'failed'" --limit 5`,
    options: [
      ['--where <sql>', 'a condition over the view runs'],
      ['--limit <n>', 'rows at most', '50'],
      JSON_OPTION,
    ],
    load: () => import('./runs.ts'),
  },
  {
    usage: 'show <run>',
    summary: 'one run: configuration, metrics, attempts, files, last output',
    help: 'Examples:\n  lightex show 3kq      # any unique beginning of the run id',
    options: [JSON_OPTION],
    load: () => import('./show.ts'),
  },
  {
    usage: 'logs <run>',
    summary: 'what a run printed',
    help: 'Examples:\n  lightex logs 3kq\n  lightex logs 3kq -f',
    options: [['-f, --follow', 'until the run has ended']],
    load: () => import('./logs.ts'),
  },
  {
    usage: 'cancel <what>',
    summary: 'end a run, or all unfinished runs of an experiment',
    help: 'Examples:\n  lightex cancel 3kq\n  lightex cancel penguins',
    options: [JSON_OPTION],
    load: () => import('./cancel.ts'),
  },
  {
    usage: 'best <experiment>',
    summary: 'its best configurations by the objective, over seeds',
    help: 'Examples:\n  lightex best penguins\n  lightex best penguins --top 3 --json',
    options: [['--top <n>', 'configurations at most', '10'], JSON_OPTION],
    load: () => import('./best.ts'),
  },
  {
    usage: 'diff <a> <b>',
    summary: 'only what differs between two runs',
    help: 'Examples:\n  lightex diff 3kq 7ab',
    options: [JSON_OPTION],
    load: () => import('./diff.ts'),
  },
  {
    usage: 'sql <query>',
    summary: 'DuckDB SQL over the history: runs, params, metrics, metrics_summary, …',
    help: 'Examples:\n  lightex sql "SELECT trial, objective FROM runs ORDER BY objective DESC LIMIT 5"\n  lightex sql "DESCRIBE runs"\n  lightex sql "FROM params" --format csv',
    options: [
      ['--format <format>', 'table, json, ndjson or csv', 'table'],
      ['--limit <n>', 'rows at most; says so when there are more', '10000'],
      ['--timeout <duration>', 'end the query after so long', '30s'],
      ['--json', 'the same as --format json'],
    ],
    load: () => import('./sql.ts'),
  },
  {
    usage: 'report [name]',
    summary: 'build comparison reports: of one experiment, of one file in reports/, or of all',
    help: 'Examples:\n  lightex report\n  lightex report penguins -o out/',
    options: [
      ['-o, --out <dir>', 'folder of the files (default: .lightex/site)'],
      ['--commit <sha>', 'take experiment and report as they are at a commit'],
      JSON_OPTION,
    ],
    load: () => import('./report.ts'),
  },
  {
    usage: 'serve',
    summary: 'overview, runs, logs and reports in the browser, and a JSON API',
    help: 'Examples:\n  lightex serve\n  lightex serve --port 0 --host 0.0.0.0   # any free port, for the whole network',
    options: [
      ['--port <n>', 'where to listen; 0 takes a free one', '8000'],
      ['--host <address>', 'who can reach it: this machine only, unless said', '127.0.0.1'],
    ],
    load: () => import('./serve.ts'),
  },
];
