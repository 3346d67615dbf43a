import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attemptPlaces } from '../../src/dispatcher/executors/attempt-folder.ts';
import { ProcessExecutor } from '../../src/dispatcher/executors/process.ts';
import { attemptId } from '../../src/dispatcher/job-spec.ts';
import type { JobSpec } from '../../src/model/job.ts';
import { temporaryFolder, writeFiles } from '../helpers/temporary.ts';
import { executorContract } from './executor.contract.ts';

executorContract('process', () => {
  const folder = temporaryFolder();
  const [codeFolder, attempts] = [join(folder, 'code'), join(folder, 'attempts')];
  mkdirSync(codeFolder);
  writeFiles(codeFolder, { 'file.txt': 'from the commit\n' });
  return {
    codeFolder,
    open: () => new ProcessExecutor(attempts, attempts),
    job: (script, more = {}) => {
      const runId = more.runId ?? ('aaaaaaaaaaaaaaaa' as JobSpec['runId']);
      const places = attemptPlaces(attempts, runId, 1);
      return {
        runId,
        attempt: 1,
        argv: ['/bin/sh', '-c', script],
        env: {
          PATH: process.env.PATH ?? '',
          LIGHTEX_ATTEMPT_ID: attemptId(runId, 1),
          LIGHTEX_LOG: places.log,
          LIGHTEX_CHECKPOINTS: places.checkpoints,
        },
        params: {},
        codeFolder,
        links: {},
        resources: { cpus: 1, gpus: 0 },
        ...more,
      };
    },
  };
});
