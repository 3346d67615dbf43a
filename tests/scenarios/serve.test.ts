import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, startCli } from '../helpers/cli.ts';
import { study } from '../helpers/study.ts';
import { until } from '../helpers/until.ts';

const URL_LINE = /^http:\/\/127\.0\.0\.1:(\d+)\/\n$/;

async function served(folder: string) {
  let stdout = '';
  const server = startCli(folder, ['serve', '--port', '0']);
  server.child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  await until('its address is printed', () => URL_LINE.test(stdout) || undefined);
  return { server, url: stdout.trim(), port: URL_LINE.exec(stdout)?.[1] ?? '' };
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'serve prints one line, serves what a runner did, and ends with 0 at %s',
  async (signal) => {
    const { folder } = study();
    if (signal === 'SIGINT') await cli(folder, 'runner', 'start', '--once');
    const { server, url } = await served(folder);

    const health = await fetch(`${url}health`);
    const overview = await (await fetch(url)).text();
    server.child.kill(signal);
    const end = await server.ended;

    expect(await health.text()).toBe('OK');
    expect(overview).toContain(signal === 'SIGINT' ? '4 succeeded' : 'No run yet');
    expect(end).toMatchObject({ code: 0, stdout: `${url}\n`, stderr: '' });
    const token = join(folder, '.lightex/token');
    expect(statSync(token).mode & 0o777).toBe(0o600);
    expect(end.stdout + overview).not.toContain(readFileSync(token, 'utf8'));
  },
);

test('a port that is taken is an error with a way out', async () => {
  const { folder } = study();
  const { server, port } = await served(folder);

  const second = await cli(folder, 'serve', '--port', port);
  server.child.kill('SIGTERM');

  expect(second).toMatchObject({ code: 3, stdout: '' });
  expect(second.stderr).toContain(`port ${port} of 127.0.0.1 is taken  LTX_LISTEN`);
  expect((await server.ended).code).toBe(0);
});

test.each([
  [['--port', 'http'], 2, '"http" is not a port'],
  [['--port', '70000'], 2, '"70000" is not a port'],
  [['--host', '203.0.113.1'], 3, 'LTX_LISTEN'],
])('lightex serve %j ends with %d and says: %s', async (args, code, text) => {
  const { folder } = study();

  expect(await cli(folder, 'serve', ...args)).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringContaining(text),
  });
});
