import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageFile } from '../../src/platform/package-files.ts';
import { cli, cliJson, startCli } from '../helpers/cli.ts';
import { namesIn } from '../helpers/daemon.ts';
import { jobsOf, peakMemory } from '../helpers/processes.ts';
import { shellExperiment, study } from '../helpers/study.ts';
import { temporaryFolder, writeFiles } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

/** An experiment of one run of `run.sh`. */
const ONE_RUN = shellExperiment('probe', 'matrix: {}, seeds: []');
const GOOD = {
  'experiments/good.jsonnet': `{ name: 'good', command: ['/bin/sh', 'good.sh'] }`,
  'good.sh': 'echo good\n',
};

const once = (folder: string) => cli(folder, 'runner', 'start', '--once');

interface RunJson {
  readonly experiment: string;
  readonly status: string;
}

const runsOf = (folder: string, ...experiment: string[]) =>
  cliJson<RunJson[]>(folder, 'runs', ...experiment);

async function expectSuccess(folder: string, experiment: string): Promise<void> {
  expect((await runsOf(folder, experiment)).map(({ status }) => status)).toEqual(['succeeded']);
}

/** The value, made once, by whoever asks first. */
function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

interface Broken {
  readonly what: string;
  readonly text: string;
  readonly says: readonly (string | RegExp)[];
}

const bad = (name: string, rest: string) => `{ name: '${name}', command: ['true'], ${rest} }`;
const BROKEN: readonly Broken[] = [
  {
    what: 'a syntax error',
    text: `{\n  name: 'bad'\n  command: ['true'],\n}`,
    says: ['3:3', "|   command: ['true'],"],
  },
  {
    what: 'an unknown field',
    text: `{ name: 'bad', comand: ['true'] }`,
    says: ['Did you mean "command"?'],
  },
  {
    what: 'wrong types',
    text: `{ name: 'bad', command: 'true', timeout: 5 }`,
    says: ['2 problems', 'command', 'timeout'],
  },
  {
    what: 'a missing import',
    text: `(import 'lib/bas.libsonnet') + {}`,
    says: ['lib/bas.libsonnet', 'experiments/lib/base.libsonnet'],
  },
  {
    what: 'an import out of the tree',
    text: `import '../../x.jsonnet'`,
    says: ['../../x.jsonnet'],
  },
  {
    what: 'an import of an absolute path',
    text: `{ name: 'bad', command: [importstr '/etc/passwd'] }`,
    says: ['/etc/passwd'],
  },
  {
    what: 'an import through a link',
    text: `{ name: 'bad', command: [importstr 'lib/leak.libsonnet'] }`,
    says: ['lib/leak.libsonnet', 'link'],
  },
  { what: 'a computed import', text: `import ('/etc' + '/passwd')`, says: ['1:'] },
  {
    what: 'an assert that fails in one trial of many',
    text: `{ name: 'asserts', params: { x: 1 }, matrix: { x: [1, 2, 3] }, assert $.params.x != 2 : 'two is not allowed', command: ['true'] }`,
    says: ['two is not allowed', 'x=2'],
  },
  {
    what: 'an error in one trial of many',
    text: `{ name: 'errs', params: { x: 1 }, matrix: { x: [1, 2, 3] }, command: ['echo', if $.params.x == 3 then error 'no three' else 'ok'] }`,
    says: ['no three', 'x=3'],
  },
  {
    what: 'an endless recursion',
    text: `local f(x) = f(x + 1) + 1; { name: 'bad', command: [f(0)] }`,
    says: [/stack|limit|memory/],
  },
  {
    what: 'an array that no memory holds',
    text: bad('memory', 'params: { x: std.makeArray(1e9, function(i) i) }'),
    says: [/memory/],
  },
  {
    what: 'a matrix above the limit',
    text: bad(
      'large',
      'params: { x: 0, y: 0 }, matrix: { x: std.range(1, 101), y: std.range(1, 100) }',
    ),
    says: [/10[, ]?100/, /10[, ]?000/],
  },
  { what: 'a value that is no object', text: '[1, 2]', says: ['object'] },
  { what: 'an empty file', text: '', says: [/end of file|empty/i] },
];

const fileOf = ({ what }: Broken) => `experiments/${what.replaceAll(' ', '-')}.jsonnet`;

const checkedAndRun = shared(async () => {
  const { folder, push } = study({
    ...GOOD,
    'experiments/probe.jsonnet': ONE_RUN,
    'experiments/lib/base.libsonnet': '{}',
    ...Object.fromEntries(BROKEN.map((one) => [fileOf(one), one.text])),
  });
  symlinkSync('/etc/passwd', join(folder, 'experiments/lib/leak.libsonnet'));
  push({});
  const checked = await cli(folder, 'check');
  const ended = await once(folder);
  return { checked, ended, runs: await runsOf(folder) };
});

describe('an experiment that cannot be planned says where and why', () => {
  test.each(BROKEN)('$what', async (one) => {
    const { checked, ended } = await checkedAndRun();

    for (const { stdout, stderr } of [checked, ended]) {
      const all = `${stdout}\n${stderr}`;
      const said = all.slice(all.indexOf(`${fileOf(one)}: `) + fileOf(one).length);
      const block = said.split(/\nexperiments\//)[0] ?? '';
      for (const text of one.says)
        if (typeof text === 'string') expect(block).toContain(text);
        else expect(block).toMatch(text);
    }
  });

  test('check and the runner end with 2, those beside them run, and nothing of the machine leaks', async () => {
    const { checked, ended, runs } = await checkedAndRun();

    expect([checked.code, ended.code]).toEqual([2, 2]);
    expect(runs.map(({ experiment, status }) => [experiment, status]).sort()).toEqual([
      ['good', 'succeeded'],
      ['probe', 'succeeded'],
    ]);
    for (const { stdout, stderr } of [checked, ended]) {
      expect(stdout + stderr).not.toContain('defect of LightEx');
      expect(stdout + stderr).not.toContain('root:');
    }
  });
});

/** Scripts that misbehave, by name: each an experiment of one run. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'is-killed': 'kill -9 $$',
  'ignores-term': `trap '' INT TERM; while :; do sleep 1; done`,
  'forks-away': `setsid sleep 600 & (setsid sh -c 'trap "" INT TERM; sleep 600' &) ; echo gone`,
  floods: 'yes "0123456789abcdef0123456789abcdef0123456789abcdef" | head -c 50000000',
  'half-line': `printf '{"metrics":{"a":1}}\\n{"metrics":{"a":' >> "$LIGHTEX_LOG"`,
  'huge-line': `(head -c 100000000 /dev/zero | tr '\\0' x; echo; echo '{"metrics":{"a":7}}') >> "$LIGHTEX_LOG"`,
  'not-text': `printf '\\377\\376 caf\\351\\n'; printf '{"tags":{"a":"\\377"}}\\n{"metrics":{"a":3}}\\n' >> "$LIGHTEX_LOG"`,
  'not-finite': `echo '{"metrics":{"a":"NaN","b":"Infinity","c":"-Infinity","d":1e999}}' >> "$LIGHTEX_LOG"`,
  'bad-times': `echo '{"metrics":{"a":1},"t":1e300}' >> "$LIGHTEX_LOG"; echo '{"metrics":{"a":2},"t":1e11}' >> "$LIGHTEX_LOG"`,
  'odd-keys': `printf '%s\\n' '{"metrics":{"":1,"a\\u0000b":2,"\\ud800":3,"__proto__":4},"tags":{"\\u0000":"\\ud800"}}' >> "$LIGHTEX_LOG"`,
  deep: `printf '{"params":{"a":%s%s}}\\n' "$(printf '%4000s' | tr ' ' '[')" "$(printf '%4000s' | tr ' ' ']')" >> "$LIGHTEX_LOG"; echo '{"metrics":{"a":5}}' >> "$LIGHTEX_LOG"`,
  'log-is-a-folder': 'mkdir "$LIGHTEX_LOG"',
  'log-is-a-pipe': 'mkfifo "$LIGHTEX_LOG"',
  'no-own-folder': 'rm -rf "$PWD"',
  'artifacts-are-a-file': 'rm -rf "$LIGHTEX_ARTIFACTS"; echo x > "$LIGHTEX_ARTIFACTS"',
  'artifacts-are-a-link': 'rmdir "$LIGHTEX_ARTIFACTS"; ln -s /etc/apt "$LIGHTEX_ARTIFACTS"',
  'hostile-artifacts': `cd "$LIGHTEX_ARTIFACTS"; ln -s /etc/passwd passwd; ln -s /etc etc; mkfifo pipe; mkdir -p a/..b
echo 1 > "a/..b/it's; DROP"; echo 2 > "$(printf 'new\\nline')"; echo 3 > ./-rf
echo '{"artifact":{"path":"../../../../etc/passwd"}}' >> "$LIGHTEX_LOG"`,
  'output-is-a-folder': 'f="$(dirname "$LIGHTEX_LOG")/out.log"; rm "$f"; mkdir "$f"; exit 4',
  silent: 'exit 3',
};

const misbehaved = shared(async () => {
  const { folder } = study({
    ...GOOD,
    'experiments/probe.jsonnet': `{ name: 'missing', command: ['no-such-program', 'x'] }`,
    'experiments/lab.jsonnet': `{ name: 'lab', command: ['true'], runs_on: ['no-such-label'] }`,
    ...Object.fromEntries(
      Object.entries(SCRIPTS).flatMap(([name, script]) => [
        [`${name}.sh`, `${script}\n`],
        [
          `experiments/${name}.jsonnet`,
          `{ name: '${name}', command: ['/bin/sh', '${name}.sh'], timeout: '${name === 'ignores-term' ? '1s' : '40d'}' }`,
        ],
      ]),
    ),
  });
  const daemon = startCli(folder, ['runner', 'start', '--once']);
  let peak = 0;
  await until(
    'the daemon has ended',
    () => {
      const { exitCode, signalCode, pid = 0 } = daemon.child;
      if (exitCode !== null || signalCode !== null) return true;
      try {
        peak = Math.max(peak, peakMemory(pid));
      } catch {
        // it ended between the two looks
      }
      return undefined;
    },
    150_000,
  );
  const sql = (query: string) => cliJson<Record<string, unknown>[]>(folder, 'sql', query);
  const [flood] = await sql(`SELECT run_id, attempt FROM runs WHERE experiment = 'floods'`);
  const log = join(folder, `.lightex/store/logs/${flood?.run_id}/${flood?.attempt}.0.log.gz`);
  return {
    end: await daemon.ended,
    peak,
    left: jobsOf(folder),
    runs: await sql('FROM runs'),
    points: await sql('SELECT experiment, key, value FROM metrics ORDER BY ALL'),
    artifacts: await sql('SELECT experiment, path, bytes FROM artifacts ORDER BY ALL'),
    floodBytes: existsSync(log) ? gunzipSync(readFileSync(log)).length : 0,
  };
});

describe('a program that misbehaves costs its own run at most', () => {
  test('the daemon ends with 1, says what waits, leaves no process, and stays small', async () => {
    const { end, left, peak } = await misbehaved();

    expect(end.code, end.stderr).toBe(1);
    expect(end.stderr).toContain('1 of lab wait: runner local lacks no-such-label');
    expect(left).toEqual([]);
    expect(peak).toBeGreaterThan(30e6);
    expect(peak).toBeLessThan(600e6);
  });

  test.each<[what: string, experiment: string, row: object]>([
    [
      'a program that is killed',
      'is-killed',
      { reason: 'signal', error: expect.stringContaining('killed by SIGKILL') },
    ],
    [
      'a program that is not there',
      'missing',
      { reason: 'exit', error: expect.stringContaining('command not found') },
    ],
    [
      'a program that ignores INT and TERM',
      'ignores-term',
      { status: 'timed_out', reason: 'timeout' },
    ],
    ['a program that leaves others behind', 'forks-away', { status: 'succeeded' }],
    ['a program that writes 50 MB at once', 'floods', { status: 'succeeded' }],
    [
      'half a protocol line at the end',
      'half-line',
      { status: 'succeeded', invalid_lines: 1, metrics: { a: 1 } },
    ],
    [
      'a protocol line of 100 MB',
      'huge-line',
      { status: 'succeeded', invalid_lines: 1, metrics: { a: 7 } },
    ],
    [
      'bytes that are no UTF-8',
      'not-text',
      { status: 'succeeded', metrics: { a: 3 }, tags: { a: '\ufffd' } },
    ],
    [
      'times that are none',
      'bad-times',
      { status: 'succeeded', invalid_lines: 1, metrics: { a: 2 } },
    ],
    ['odd keys', 'odd-keys', { status: 'succeeded', invalid_lines: 0, tags: { '\0': '\ufffd' } }],
    [
      'values nested by the thousand',
      'deep',
      { status: 'succeeded', invalid_lines: 1, metrics: { a: 5 } },
    ],
    ['a folder in place of its log', 'log-is-a-folder', { status: 'succeeded' }],
    ['a pipe in place of its log', 'log-is-a-pipe', { status: 'succeeded' }],
    ['a program that removes its own folder', 'no-own-folder', { status: 'succeeded' }],
    ['a file in place of its artifacts', 'artifacts-are-a-file', { status: 'succeeded' }],
    ['a link in place of its artifacts', 'artifacts-are-a-link', { status: 'succeeded' }],
    ['artifacts with hostile names', 'hostile-artifacts', { status: 'succeeded' }],
    ['a folder in place of its output', 'output-is-a-folder', { error: 'exit code 4' }],
    ['a program that says nothing', 'silent', { reason: 'exit', error: 'exit code 3' }],
    ['the one beside them', 'good', { status: 'succeeded' }],
  ])('%s', async (_, experiment, row) => {
    const { runs } = await misbehaved();

    expect(runs.find((run) => run.experiment === experiment)).toMatchObject({
      ...row,
      attempt: 1,
    });
  });

  test('all output of a flood is kept', async () => {
    expect((await misbehaved()).floodBytes).toBe(50_000_000);
  });

  test('numbers that JSON lacks come back as such', async () => {
    const { points } = await misbehaved();

    const its = points.filter(({ experiment }) => experiment === 'not-finite');
    expect(its.map(({ key, value }) => [key, value])).toEqual([
      ['a', 'NaN'],
      ['b', 'Infinity'],
      ['c', '-Infinity'],
      ['d', 'Infinity'],
    ]);
  });

  test('artifacts keep their names; links and pipes are left out, and nothing outside is read', async () => {
    const { artifacts } = await misbehaved();

    const paths = (isKept: boolean) =>
      artifacts
        .filter(({ bytes }) => (bytes !== null) === isKept)
        .map(({ path }) => path)
        .sort();
    expect(paths(true)).toEqual(['-rf', "a/..b/it's; DROP", 'new\nline']);
    expect(paths(false)).toEqual(['../../../../etc/passwd']);
  });
});

const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'lightex-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false; // not root, or a container without that right
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();

describe('surroundings that fail', () => {
  test('a remote that vanished: a daemon goes on and finds it again; --once says so and ends with 3', async () => {
    const { folder, remote, push } = study(GOOD);
    const daemon = startCli(folder, ['runner', 'start']);
    await until(
      'it ran',
      async () => (await runsOf(folder, 'good'))[0]?.status === 'succeeded' || undefined,
    );
    renameSync(remote, `${remote}.away`);
    await until(
      'it says that the remote is away',
      () => /cannot be read/.test(daemon.stderr()) || undefined,
    );
    renameSync(`${remote}.away`, remote);
    push({ 'experiments/late.jsonnet': `{ name: 'late', command: ['true'] }` });
    await until(
      'it runs what was pushed since',
      async () => (await runsOf(folder, 'late'))[0]?.status === 'succeeded' || undefined,
      30_000,
    );
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).code).toBe(0);
    renameSync(remote, `${remote}.away`);

    const end = await once(folder);

    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain(`the remote ${remote} cannot be read`);
    expect(end.stderr).toContain('git ls-remote');
  });

  test.runIf(canMount)(
    'a store whose disk is full: it says so, ends with 3, and the next start publishes when there is room',
    async () => {
      const disk = temporaryFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
      onTestFinished(() => void execFileSync('umount', ['-l', disk]));
      const { folder } = study({
        'lightex.jsonnet': `{ store: '${disk}' }`,
        'experiments/probe.jsonnet': ONE_RUN,
        'run.sh': `echo '{"metrics":{"score":1}}' >> "$LIGHTEX_LOG"; head -c 6000000 /dev/urandom > "$LIGHTEX_ARTIFACTS/large"\n`,
      });

      const full = await once(folder);
      execFileSync('mount', ['-o', 'remount,size=64m', disk]);
      const roomy = await once(folder);

      expect(full).toMatchObject({ code: 3 });
      expect(full.stderr).toContain('LTX_STORE_UNAVAILABLE');
      expect(full.stderr).toMatch(/space/i);
      expect(roomy.code, roomy.stderr).toBe(0);
      await expectSuccess(folder, 'probe');
      expect(await cliJson(folder, 'sql', 'SELECT value FROM metrics')).toEqual([{ value: 1 }]);
    },
  );

  test('a store that is no folder is named, with 3', async () => {
    const { folder } = study({ 'lightex.jsonnet': `{ store: 'run.sh' }` });

    const end = await once(folder);

    expect(end).toMatchObject({ code: 3 });
    expect(end.stderr).toContain(join(folder, 'run.sh'));
  });

  test.each(['runners/lock', 'coordination/lock'])(
    'a file %s that a power cut left empty is no obstacle',
    async (name) => {
      const { folder } = study({ 'experiments/probe.jsonnet': ONE_RUN });
      writeFiles(join(folder, '.lightex'), { [name]: '' });

      const end = await once(folder);

      expect(end.code, end.stderr).toBe(0);
      await expectSuccess(folder, 'probe');
      expect(await cliJson(folder, 'sql', `SELECT runner <> '' AS named FROM runs`)).toEqual([
        { named: true },
      ]);
    },
  );
});

const ATTACKS: readonly (readonly [sql: string, code: string])[] = [
  [`COPY (SELECT 1) TO 'OUT'`, 'LTX_SQL_REFUSED'],
  [`ATTACH 'OUT' AS x`, 'LTX_SQL_REFUSED'],
  [`SELECT * FROM read_csv('/etc/passwd')`, 'LTX_SQL_'],
  [`SELECT content FROM read_text('/etc/passwd')`, 'LTX_SQL_'],
  [`FROM '/etc/passwd'`, 'LTX_SQL_'],
  [`FROM glob('/root/*')`, 'LTX_SQL_'],
  ['INSTALL httpfs', 'LTX_SQL_REFUSED'],
  ['SET enable_external_access = true', 'LTX_SQL_REFUSED'],
  [`SELECT 1; COPY (SELECT 1) TO 'OUT'`, 'LTX_SQL_REFUSED'],
  [`EXPORT DATABASE 'OUT'`, 'LTX_SQL_REFUSED'],
  [`FROM query('COPY (SELECT 1) TO ''OUT''')`, 'LTX_SQL_'],
  [`SELECT getenv('HOME')`, 'LTX_SQL_'],
  ['SELECT max(a.range * b.range) FROM range(200000000) a, range(1000) b', 'LTX_SQL_LIMIT'],
  ['SELECT list(range) FROM range(200000000)', 'LTX_SQL_LIMIT'],
  [`SELECT repeat('x', 2000000000)`, 'LTX_SQL_'],
];

const attacked = shared(async () => {
  const { folder } = study(GOOD);
  await once(folder);
  const results = [];
  for (const [sql] of ATTACKS)
    results.push(
      await cli(folder, 'sql', sql.replace('OUT', join(folder, 'out')), '--timeout', '3s'),
    );
  return { results, isWritten: existsSync(join(folder, 'out')) };
});

describe('SQL of people reads the store and nothing else, within limits', () => {
  test.each(ATTACKS.map(([sql, code], index) => ({ sql, code, index })))(
    '$sql: $code',
    async ({ code, index }) => {
      const { results, isWritten } = await attacked();

      expect(results[index]).toMatchObject({ code: 2, stdout: '' });
      expect(results[index]?.stderr).toContain(code);
      expect(isWritten).toBe(false);
    },
  );
});

test.runIf(process.getuid?.() === 0)(
  'everything works for a user who is not root, also with files that a run closed to itself',
  async () => {
    const home = temporaryFolder();
    const { folder } = study({
      ...GOOD,
      'experiments/probe.jsonnet': ONE_RUN,
      'run.sh': `mkdir -p cache/deep "$LIGHTEX_ARTIFACTS/shut"
echo x > cache/deep/file; chmod 555 cache/deep cache
echo y > "$LIGHTEX_ARTIFACTS/open"; echo z > "$LIGHTEX_ARTIFACTS/secret"
chmod 000 "$LIGHTEX_ARTIFACTS/secret" "$LIGHTEX_ARTIFACTS/shut"
`,
    });
    for (const path of [home, join(folder, '..')])
      execFileSync('chown', ['-R', '65534:65534', path]);
    const who = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const asNobody = (...args: string[]) =>
      spawnSync('setpriv', [...who, process.execPath, packageFile('dist/cli/main.js'), ...args], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
      });

    const ends = [['check'], ['runner', 'start', '--once'], ['run', 'probe'], ['report']].map(
      (args) => asNobody(...args),
    );

    expect(ends.map(({ status, stderr }) => [status, status === 0 ? '' : stderr])).toEqual(
      ends.map(() => [0, '']),
    );
    expect(JSON.parse(asNobody('sql', 'SELECT path FROM artifacts', '--json').stdout)).toEqual([
      { path: 'open' },
    ]);
    expect(JSON.parse(asNobody('runs', '--json').stdout)).toHaveLength(2);
    expect(namesIn(join(folder, '.lightex/attempts'))).toEqual([]);
  },
);
