import { userInfo } from 'node:os';
import { requestCancel } from '../app/control.ts';
import { findStore } from '../app/find-store.ts';
import { liveIn } from '../app/history.ts';
import { LightexError } from '../model/errors.ts';
import { isFinal } from '../model/lifecycle.ts';
import { printJson, say } from './output.ts';
import type { Verb } from './verbs.ts';

/** Leaves the wish to cancel for whoever executes the runs: one by the beginning of its id, or all of an experiment. */
export const run: Verb = async ([what = ''], { json }) => {
  const { workspace, store } = await findStore(process.cwd());
  const unfinished = (await liveIn(store))
    .flatMap(({ runs }) => runs)
    .filter(({ status }) => !isFinal(status));
  const byName = unfinished.filter(({ experiment }) => experiment === what);
  const found =
    byName.length > 0
      ? byName
      : unfinished.filter(({ run_id }) => what !== '' && run_id.startsWith(what));
  if (found.length === 0) {
    throw new LightexError('LTX_NOT_FOUND', `nothing of "${what}" runs or waits`, {
      hint: 'See what does with: lightex ps',
    });
  }
  if (byName.length === 0 && found.length > 1) {
    const ids = found.slice(0, 5).map(({ run_id }) => run_id);
    throw new LightexError(
      'LTX_AMBIGUOUS',
      `several runs' ids begin with "${what}": ${ids.join(', ')}`,
      { hint: 'Write more of the id' },
    );
  }
  const ids = found.map(({ run_id }) => run_id);
  await requestCancel(workspace, ids, userInfo().username);
  if (json) printJson({ requested: ids });
  else
    say(
      `asked to cancel ${ids.length} run${ids.length === 1 ? '' : 's'}; their runner hears it within a second. See: lightex ps`,
    );
  return 0;
};
