import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeConfigVm } from '../../src/namedconf/jsonnet/vm.ts';
import { configVmContract } from './config-vm.contract.ts';

configVmContract('Jsonnet in a child process', makeConfigVm);

test('the private folder of an evaluation is gone afterwards, also when a limit ended it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lightex-test-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;

  await makeConfigVm({ timeoutMs: 300 }).evaluate(new Map([['a.jsonnet', '1']]), [
    `import 'a.jsonnet'`,
    'std.length([x for x in std.range(0, 1e8)])',
  ]);

  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});
