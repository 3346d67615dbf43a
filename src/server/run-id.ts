import type { Site } from '../app/pages-site.ts';
import { LightexError } from '../model/errors.ts';
import type { RunId } from '../model/experiment.ts';

/** The newest attempt of the run whose id begins so. @throws LTX_NOT_FOUND, LTX_AMBIGUOUS */
export async function findRun(site: Site, prefix: string) {
  const tried = await site.tried();
  const exact = tried.get(prefix as RunId);
  if (exact !== undefined) return exact;
  const found = [...tried.values()].filter(
    ({ runId }) => prefix !== '' && runId.startsWith(prefix),
  );
  const [run] = found;
  if (run === undefined) {
    throw new LightexError('LTX_NOT_FOUND', `no run’s id begins with "${prefix}"`);
  }
  if (found.length === 1) return run;
  const some = found.slice(0, 5).map(({ runId }) => runId);
  throw new LightexError(
    'LTX_AMBIGUOUS',
    `several runs’ ids begin with "${prefix}": ${some.join(', ')}${found.length > 5 ? ', …' : ''}`,
    { hint: 'Write more of the id' },
  );
}
