import type { LightexError } from '../model/errors.ts';
import type { Runner } from '../model/job.ts';
import type { Machine } from '../model/machine.ts';
import { parseBytes, parseDuration } from '../model/quantity.ts';
import type { RunnerFile } from '../model/schema.generated.ts';
import type { ConfigVm } from '../ports/system.ts';
import { evaluateFiles } from './evaluate-files.ts';
import { invalidFile } from './invalid.ts';
import type { SourceTree } from './source.ts';
import type { Validator } from './validate.ts';

export interface LoadedRunners {
  /** Files under runners/ by path, valid ones. */
  readonly files: ReadonlyMap<string, RunnerFile>;
  /** Files that cannot be used -> why. */
  readonly invalid: ReadonlyMap<string, LightexError>;
}

/** The runner files of a tree, evaluated and validated; two of one name are both invalid. */
export async function loadRunners(
  tree: SourceTree,
  vm: ConfigVm,
  validate: Validator,
): Promise<LoadedRunners> {
  const paths = [...tree.entries.keys()].filter((path) => /^runners\/[^/]+\.jsonnet$/.test(path));
  const evaluated = await evaluateFiles(tree, vm, paths.sort());
  const invalid = new Map(evaluated.invalid);
  const files = new Map<string, RunnerFile>();
  for (const [path, value] of evaluated.values) {
    const checked = validate('runner', path, value);
    if ('value' in checked) files.set(path, checked.value);
    else invalid.set(path, invalidFile('LTX_CONFIG_INVALID', path, checked.problems));
  }
  for (const [path, { name }] of files) {
    const other = [...files].find(([file, runner]) => file !== path && runner.name === name)?.[0];
    if (other === undefined) continue;
    const message = `"${name}" is also the name of ${other}; names are unique`;
    invalid.set(
      path,
      invalidFile('LTX_CONFIG_INVALID', path, [{ file: path, at: 'name', message }]),
    );
  }
  return { files: new Map([...files].filter(([path]) => !invalid.has(path))), invalid };
}

/** A runner with its defaults filled in: the machine's capacity, and labels for what the machine is. */
export function normaliseRunner(file: RunnerFile, machine: Machine): Runner {
  const { capacity = {}, watch = {} } = file;
  const executor = file.executor?.kind ?? 'process';
  const cpus = capacity.cpus ?? machine.cpus;
  return {
    name: file.name,
    labels: labelsOf(file, executor, machine),
    executor,
    capacity: {
      cpus,
      memoryBytes:
        capacity.memory === undefined ? machine.memoryBytes : parseBytes(capacity.memory),
      gpus: capacity.gpus ?? 0,
    },
    maxParallel: file.max_parallel ?? Math.max(1, Math.floor(cpus)),
    volumes: file.volumes ?? {},
    watch: { remote: watch.remote ?? 'origin', pollMs: parseDuration(watch.poll ?? '15s') },
    ...(file.trust !== undefined && { trustBranches: file.trust.branches }),
    env: file.env ?? [],
  };
}

function labelsOf(file: RunnerFile, executor: string, machine: Machine): readonly string[] {
  const os = machine.os === 'darwin' ? 'macos' : machine.os;
  const implied = [os, machine.arch, executor, file.name, ...(machine.hasPython ? ['python'] : [])];
  return [...new Set([...(file.labels ?? []), ...implied])];
}
