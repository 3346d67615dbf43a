import { type TestRepository, testRepository } from './temporary.ts';

/** A runner of two places that trusts main. */
export const RUNNER = `{ name: 'local', capacity: { cpus: 2, memory: '1Gi' }, watch: { poll: '1s' }, trust: { branches: ['main'] } }`;

/** An experiment whose runs are a shell script: `$1` is x, `$2` the seed. */
export function shellExperiment(name: string, more = ''): string {
  return `local e = {
  name: '${name}',
  params: { x: 1, seed: 0 },
  matrix: { x: [1, 2] },
  seeds: [0, 1],
  objective: { metric: 'score', goal: 'maximize' },
  command: ['/bin/sh', 'run.sh', std.toString($.params.x), std.toString($.params.seed)],
  resources: { cpus: 1 },
}; e + { ${more} }`;
}

export const LOGGING_SCRIPT = `for step in 1 2 3; do
  echo "{\\"metrics\\": {\\"score\\": $(( $1 * 10 + $2 + step ))}, \\"step\\": $step}" >> "$LIGHTEX_LOG"
done
echo "::lightex {\\"tags\\": {\\"from\\": \\"output\\"}}"
echo done > "$LIGHTEX_ARTIFACTS/result.txt"
echo "x=$1 seed=$2"
`;

/** A pushed workspace with one experiment, `probe`, of four trials. */
export function study(files: Readonly<Record<string, string>> = {}): TestRepository {
  return testRepository({
    'lightex.jsonnet': '{}',
    'runners/local.jsonnet': RUNNER,
    'experiments/probe.jsonnet': shellExperiment('probe'),
    'run.sh': LOGGING_SCRIPT,
    '.gitignore': '.lightex/\n',
    ...files,
  });
}
