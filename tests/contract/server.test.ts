import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cancelWishes } from '../../src/app/control.ts';
import {
  GOOD,
  HOSTILE,
  HOSTILE_LOG,
  LONG_LOG,
  openServed,
  RUNNING,
  SCRIPT,
  type Served,
  STALE,
} from '../helpers/served.ts';

let served: Served;

beforeAll(async () => {
  served = await openServed();
}, 60_000);

afterEach(() => {
  expect(served.told.splice(0)).toEqual([]);
});

afterAll(() => served.close());

const get = (path: string) => supertest(served.app).get(path).set('Host', '127.0.0.1:8000');
const post = (path: string) => supertest(served.app).post(path).set('Host', '127.0.0.1:8000');

describe('pages', () => {
  test('each answer is strict: nothing but the own style may be loaded, and no other page may hold it', async () => {
    for (const path of ['/', '/nowhere', '/style.css', '/health', '/api/runs.json']) {
      const { headers } = await get(path);

      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers).not.toHaveProperty('x-powered-by');
    }
  });

  test('the overview says what runs, since when, which runner is silent, and how experiments stand', async () => {
    const { status, text, headers } = await get('/');

    expect(status).toBe(200);
    expect(text).toContain('2 running');
    expect(text).toContain('1 failed');
    expect(text).toContain('40 %');
    expect(text).toContain('1 run is stale');
    expect(text).toContain('60 succeeded');
    expect(text).toContain('href="/experiments/many"');
    expect(text).toContain('href="/reports/penguins"');
    expect(headers.refresh).toBe('10');
  });

  test('runs are paged, sorted and counted in SQL, and links keep the filter', async () => {
    const first = await get('/runs?experiment=many&sort=-objective');
    const second = await get('/runs?experiment=many&sort=-objective&page=2');

    expect(first.text).toContain('1–50 of 60 runs');
    expect(first.text.indexOf('lr=59')).toBeLessThan(first.text.indexOf('lr=58'));
    expect(first.text).toContain('href="/runs?experiment=many&amp;sort=-objective&amp;page=2"');
    expect(first.text).toContain('href="/runs?experiment=many&amp;sort=objective"');
    expect(second.text).toContain('51–60 of 60 runs');
  });

  test('a condition filters; one that does not work is said on the page, with what was written', async () => {
    const good = await get('/runs').query({ where: "params->>'$.lr' = '7' -- mine" });
    const bad = await get('/runs').query({ where: 'nonsense > 1' });
    const worse = await get('/runs').query({ where: "run_id IN (FROM read_text('/etc/passwd'))" });

    expect(good.text).toContain('1–1 of 1 run');
    expect(bad.status).toBe(422);
    expect(bad.text).toContain('LTX_SQL_FAILED');
    expect(bad.text).toContain('value="nonsense &gt; 1"');
    expect(worse.status).toBe(422);
    expect(worse.text).toContain('LTX_SQL_REFUSED');
  });

  test.each(['/runs?sort=secret', '/runs?page=0', '/runs?page=1e9', '/runs?where=a&where=b'])(
    '%s is refused with what would be right',
    async (path) => {
      const { status, text } = await get(path);

      expect(status).toBe(400);
      expect(text).toContain('LTX_USAGE');
    },
  );

  test('a run is shown whole: curve in buckets, summary, parameters, files, events, the last 200 lines', async () => {
    const { text, headers } = await get(`/runs/${GOOD}`);

    expect(text).toContain('84 of 250 points');
    expect(text).toContain('<code>model.hidden</code>');
    expect(text).toContain('The last 200 lines');
    expect(text).not.toContain('line 100 ');
    expect(text).toContain('line 101 ä');
    expect(text).toContain(`href="/runs/${GOOD}/artifacts/dir/a%20%3Cb%3E.html"`);
    expect(text).toContain('attempt 1, by lab1');
    expect(text).toContain(`git checkout ${'c'.repeat(40)}\nnode train.mjs`);
    expect(headers).not.toHaveProperty('refresh');
  });

  test('a running run is loaded again until its reader says no; a stale one says so', async () => {
    const running = await get(`/runs/${RUNNING}`);
    const still = await get(`/runs/${RUNNING}?refresh=off`);
    const stale = await get(`/runs/${STALE}`);

    expect(running.headers.refresh).toBe('5');
    expect(running.text).toContain('step 2');
    expect(still.headers).not.toHaveProperty('refresh');
    expect(stale.text).toContain('its runner has said nothing for a minute');
  });

  test('what a run says stays text: parameters, names, its log', async () => {
    for (const path of ['/', '/runs?status=failed', `/runs/${HOSTILE}`, '/experiments/penguins']) {
      const { text } = await get(path);

      expect(text).not.toContain('<script');
      expect(text).not.toContain('<img');
      expect(text).toContain('&lt;script&gt;');
    }
    const { text } = await get(`/runs/${HOSTILE}`);
    expect(text).toContain('red &lt;/pre&gt;&lt;script&gt;');
    expect(text).not.toContain('\u001b');
    expect(text).toContain('\n20%\nfine');
    expect(text).toContain('the program ended with an error (exit 3)');
  });

  test('the beginning of an id leads to the run; several and none are told apart', async () => {
    expect(await get('/runs/good')).toMatchObject({
      status: 302,
      headers: { location: `/runs/${GOOD}` },
    });
    expect(await get('/runs/many')).toMatchObject({
      status: 409,
      text: expect.stringContaining('LTX_AMBIGUOUS'),
    });
    expect((await get('/runs/nothing')).status).toBe(404);
  });

  test('an experiment shows its best runs by the goal of its objective, and its commits', async () => {
    const { text } = await get('/experiments/many');

    expect(text).toContain('loss, lower is better');
    expect(text.indexOf('lr=0<')).toBeLessThan(text.indexOf('lr=1<'));
    expect(text).toContain('60 succeeded');
    expect((await get('/experiments/none')).status).toBe(404);
  });

  test('a page that is not there says so and leads on; another method is refused by name', async () => {
    const missing = await get('/nowhere');
    const posted = await post('/runs');

    expect(missing.status).toBe(404);
    expect(missing.text).toContain('href="/runs"');
    expect(posted).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });
});

describe('files', () => {
  test('a report is the same bytes as the file, and its own style is allowed', async () => {
    const { text, headers } = await get('/reports/penguins');

    expect(text).toBe(readFileSync(join(served.site.workspace.site, 'penguins.html'), 'utf8'));
    const [style] = /'sha256-[^']+'/.exec(text.replaceAll('&#39;', "'")) ?? [''];
    expect(headers['content-security-policy']).toContain(`style-src ${style};`);
    expect((await get('/reports')).text).toContain('href="/reports/penguins"');
  });

  test('a log is plain text, whole or in part, of runs that ended and of those that run', async () => {
    const whole = await get(`/runs/${GOOD}/log`);
    const part = await get(`/runs/${GOOD}/log`).set('Range', 'bytes=0-5');
    const end = await get(`/runs/${GOOD}/log`).set('Range', 'bytes=-7');
    const beyond = await get(`/runs/${GOOD}/log`).set('Range', 'bytes=999999-');
    const running = await get(`/runs/${RUNNING}/log`).set('Range', 'bytes=7-');
    const known = await get(`/runs/${GOOD}/log`).set('If-None-Match', whole.headers.etag as string);

    expect(whole).toMatchObject({ status: 200, text: LONG_LOG });
    expect(whole.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'content-length': String(Buffer.byteLength(LONG_LOG)),
    });
    expect(part).toMatchObject({ status: 206, text: 'line 1' });
    expect(part.headers['content-range']).toBe(`bytes 0-5/${Buffer.byteLength(LONG_LOG)}`);
    expect(end).toMatchObject({ status: 206, text: '300 ä\n' });
    expect(beyond.status).toBe(416);
    expect(running).toMatchObject({ status: 206, text: 'step 2\n' });
    expect(known.status).toBe(304);
    expect((await get(`/runs/${HOSTILE}/log`)).text).toBe(HOSTILE_LOG);
  });

  test('an artifact is for saving, never for showing', async () => {
    const { status, headers, body } = await get(`/runs/${GOOD}/artifacts/dir/a%20%3Cb%3E.html`);

    expect(status).toBe(200);
    expect(String(body)).toBe(SCRIPT);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': expect.stringMatching(/^attachment; filename="a <b>\.html"/),
    });
  });

  test.each([
    `/runs/${GOOD}/artifacts/..%2f..%2f..%2f..%2fetc%2fpasswd`,
    `/runs/${HOSTILE}/artifacts/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd`,
    `/runs/${GOOD}/artifacts/%2fetc%2fpasswd`,
    `/runs/${GOOD}/artifacts/`,
    '/runs/..%2f..%2ftoken/log',
    '/runs/%2e%2e/log',
    '/reports/..%2ftoken',
    '/reports/..%2fstore%2fruns',
    '/reports/penguins.html',
    "/experiments/x' OR 1=1 --",
  ])('%s leads nowhere', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test('a path that is no text is refused', async () => {
    expect((await get(`/runs/${GOOD}/artifacts/model.bin%00`)).status).toBe(422);
    expect((await get('/runs/%E0%A4%A/log')).status).toBe(400);
  });
});

describe('the API', () => {
  test('health needs nothing', async () => {
    expect(await get('/health')).toMatchObject({ status: 200, text: 'OK' });
  });

  test('runs, one run and a curve are JSON', async () => {
    const runs = await get('/api/runs.json?experiment=many&page=2');
    const run = await get('/api/runs/good.json');
    const series = await get(`/api/series?run=good&metric=loss&points=10`);

    expect(runs.body).toMatchObject({ total: 60, page: 2 });
    expect(runs.body.runs).toHaveLength(10);
    expect(run.body).toMatchObject({ run_id: GOOD, attempts: [{ attempt: 1 }] });
    expect(run.body.artifacts).toHaveLength(2);
    expect(series.body).toMatchObject({ run: GOOD, metric: 'loss', points: 250 });
    expect(series.body.buckets).toHaveLength(10);
    expect(series.body.buckets[0]).toEqual({ step: 24, last: 1 / 25, low: 1 / 25, high: 1 });
  });

  test('a query is answered up to its limit; errors are problem documents with their code', async () => {
    const answer = await post('/api/query').send({ sql: 'FROM range(10)', limit: 3 });
    const refused = await post('/api/query').send({ sql: "COPY runs TO '/tmp/x'" });
    const wrong = await post('/api/query').send({ sql: 1 });
    const broken = await post('/api/query').set('Content-Type', 'application/json').send('{');
    const missing = await get('/api/runs/nothing.json');

    expect(answer.body).toMatchObject({ rows: [[0], [1], [2]], truncated: true });
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused.body).toMatchObject({
      status: 422,
      code: 'LTX_SQL_REFUSED',
      type: 'about:blank',
    });
    expect(wrong.body).toMatchObject({ status: 400, code: 'LTX_USAGE' });
    expect(broken.body).toMatchObject({ status: 400, code: 'LTX_USAGE' });
    expect(missing.body).toMatchObject({ status: 404, code: 'LTX_NOT_FOUND' });
    expect(await get('/api/query')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  test.each(['evil.example', 'evil.example:8000', '127.0.0.1.evil.example', '', '0.0.0.0'])(
    'the name "%s" is none of ours: nothing is told, not even where this is',
    async (host) => {
      const { status, text } = await get('/').set('Host', host);

      expect(status).toBe(403);
      expect(text).toContain('LTX_HTTP_REFUSED');
      expect(text).not.toContain(served.site.workspace.root);
    },
  );

  test.each(['localhost:8000', '127.0.0.1', '[::1]:8000'])('the name %s is ours', async (host) => {
    expect((await get('/health').set('Host', host)).status).toBe(200);
  });

  test.each([
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ Origin: 'http://evil.example' }, 403],
    [{ Origin: 'null' }, 403],
    [{ Origin: 'http://127.0.0.1:8000' }, 200],
    [{ 'Sec-Fetch-Site': 'same-origin' }, 200],
  ])('a query that comes with %j is answered with %d', async (headers, status) => {
    const answer = await post('/api/query').set(headers).send({ sql: 'SELECT 1' });

    expect(answer.status).toBe(status);
  });

  test('what changes something needs the token, from a file that only its owner reads', async () => {
    const { site } = served;
    const path = `/api/runs/${RUNNING}/cancel`;

    const without = await post(path);
    const wrong = await post(path).set('Authorization', `Bearer ${'0'.repeat(64)}`);
    const foreign = await post(path)
      .set('Authorization', `Bearer ${site.token}`)
      .set('Sec-Fetch-Site', 'cross-site');
    expect(await cancelWishes(site.workspace)).toEqual([]);
    const right = await post('/api/runs/runn/cancel').set('Authorization', `Bearer ${site.token}`);
    const ended = await post(`/api/runs/${GOOD}/cancel`).set(
      'Authorization',
      `Bearer ${site.token}`,
    );

    const file = join(site.workspace.state, 'token');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}$/);
    expect(without).toMatchObject({ status: 401, body: { code: 'LTX_HTTP_REFUSED' } });
    expect(wrong.status).toBe(401);
    expect(foreign.status).toBe(403);
    expect(right).toMatchObject({ status: 202, body: { run_id: RUNNING } });
    expect((await cancelWishes(site.workspace)).map(({ runId }) => runId)).toEqual([RUNNING]);
    expect(ended.status).toBe(400);
    expect(existsSync(join(site.workspace.state, 'control'))).toBe(true);
  });
});

test('a defect is told to the one who runs the server, and to nobody else', async () => {
  const { app, site, told } = served;
  const whole = site.tried;
  Object.assign(site, { tried: () => Promise.reject(new TypeError('secret detail')) });

  const page = await supertest(app).get('/runs/good').set('Host', 'localhost');
  const json = await supertest(app).get('/api/runs/good.json').set('Host', 'localhost');

  Object.assign(site, { tried: whole });
  expect(page.status).toBe(500);
  expect(page.text).toContain('LTX_INTERNAL');
  expect(json.body).toMatchObject({ status: 500, code: 'LTX_INTERNAL' });
  for (const { text } of [page, json]) expect(text).not.toMatch(/secret detail|\.ts:/);
  expect(told.splice(0)).toHaveLength(2);
});
