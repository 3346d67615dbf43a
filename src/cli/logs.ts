import { findRuns } from '../app/find-run.ts';
import { findStore } from '../app/find-store.ts';
import { followOutput, outputOf } from '../app/run-output.ts';
import { LightexError } from '../model/errors.ts';
import type { RunId } from '../model/experiment.ts';
import { say } from './output.ts';
import type { Verb } from './verbs.ts';

/** What a run printed, as it printed it; with -f until it ends. */
export const run: Verb = async ([prefix = ''], { follow }) => {
  const { workspace, store } = await findStore(process.cwd());
  const [row = {}] = await findRuns(store, [prefix]);
  const [runId, attempt] = [String(row.run_id) as RunId, Number(row.attempt)];
  if (follow) {
    for await (const chunk of followOutput(workspace, store, runId)) process.stdout.write(chunk);
    return 0;
  }
  const output = await outputOf(workspace, store, runId, attempt);
  if (output !== undefined) process.stdout.write(output);
  else if (row.status === 'queued') say(`run ${runId} waits: it has printed nothing yet`);
  else
    throw new LightexError('LTX_NOT_FOUND', `the output of run ${runId} is not here`, {
      hint: 'Read it on the machine of its runner',
    });
  return 0;
};
