import { LightexError } from '../model/errors.ts';
import type { Runner } from '../model/job.ts';
import type { RunnerFile } from '../model/schema.generated.ts';
import { loadRunners, normaliseRunner } from '../namedconf/runners.ts';
import { thisMachine } from '../platform/machine.ts';
import type { WorkingCopy } from './working-copy.ts';

/** What runs where there is no runner file: processes of this machine. */
const LOCAL: RunnerFile = { name: 'local' };

/** The runner of this name; without one the only one there is. @throws LTX_NOT_FOUND, LTX_USAGE, LTX_CONFIG_… */
export async function chooseRunner(copy: WorkingCopy, name: string | undefined): Promise<Runner> {
  const all = await runnersOf(copy);
  const names = all.map((runner) => runner.name).join(', ');
  const chosen = name === undefined ? all : all.filter((runner) => runner.name === name);
  const [runner] = chosen;
  if (runner === undefined) {
    throw new LightexError(
      'LTX_NOT_FOUND',
      name === undefined ? 'runners/ has no file' : `runners/ has no runner "${name}"`,
      {
        hint:
          names === '' ? "Write runners/local.jsonnet: { name: 'local' }" : `There is: ${names}`,
      },
    );
  }
  if (chosen.length === 1) return runner;
  throw new LightexError('LTX_USAGE', 'runners/ has several runners', {
    hint: `Say which: lightex runner start NAME, one of ${names}`,
  });
}

/** The runner of this name; without one the first that carries the labels, else the first; without files this machine. */
export async function fittingRunner(
  copy: WorkingCopy,
  { name, labels }: { readonly name: string | undefined; readonly labels: readonly string[] },
): Promise<Runner> {
  if (name !== undefined) return chooseRunner(copy, name);
  const fits = (runner: Runner) => labels.every((label) => runner.labels.includes(label));
  const all = await runnersOf(copy);
  return all.find(fits) ?? all[0] ?? normaliseRunner(LOCAL, thisMachine());
}

async function runnersOf({ tree, vm, validate }: WorkingCopy): Promise<readonly Runner[]> {
  const { files, invalid } = await loadRunners(tree, vm, validate);
  for (const error of invalid.values()) throw error;
  return [...files.values()].map((file) => normaliseRunner(file, thisMachine()));
}
