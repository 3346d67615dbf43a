/** Every route, and what stands before all of them. */

import express, { type Express, type Request, type RequestHandler, type Router } from 'express';
import type { Site } from '../app/pages-site.ts';
import type { Html } from '../qviz/html.ts';
import { cancelRun, queryJson, runJson, runsJson, seriesJson } from './api.ts';
import { experimentPage } from './experiment.ts';
import { sendArtifact, sendLog } from './files.ts';
import { type Frame, ICON, type PageHead, sendPage } from './frame.ts';
import { knownHost, sameSite, strictHeaders, withToken } from './guard.ts';
import { overviewPage } from './overview.ts';
import { runPath } from './pieces.ts';
import { answerErrors, notFound, only } from './problem.ts';
import { reportsPage, sendReport } from './reports.ts';
import { runPage } from './run.ts';
import { readFilter, wholeIn } from './run-filter.ts';
import { findRun } from './run-id.ts';
import { runsPage } from './runs.ts';

export interface ServerOptions {
  /** What it is bound to: by this name too it may be asked. */
  readonly host: string;
  readonly version: string;
  /** Hears of errors that are not the reader's. */
  readonly tell: (cause: unknown) => void;
}

/** A server of one workspace. It only reads, but for the routes that ask for the token. */
export function makeApp(site: Site, { host, version, tell }: ServerOptions): Express {
  const frame: Frame = { version, workspace: site.workspace.root, store: site.store };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(strictHeaders, knownHost(host));
  app.get('/health', (_request, response) => void response.type('text').send('OK'));
  app.use(assets(site));
  app.use('/api', api(site));
  app.use(onlyReads);
  app.use(files(site), pages(site, frame));
  app.use(notFound);
  app.use(answerErrors(frame, tell));
  return app;
}

const onlyReads: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') next();
  else only('GET', 'HEAD')(request, response, next);
};

function assets({ style }: Site): Router {
  const router = express.Router();
  router.get('/style.css', (_request, response) => {
    response.set({ ETag: `"${style.version}"`, 'Cache-Control': 'no-cache' });
    response.type('css').send(style.text);
  });
  router.get(['/icon.svg', '/favicon.ico'], (_request, response) => {
    response.set('Cache-Control', 'max-age=86400').type('image/svg+xml').send(ICON);
  });
  return router;
}

function pages(site: Site, frame: Frame): Router {
  const router = express.Router();
  const page = (
    path: string,
    make: (request: Request) => Promise<{ head: PageHead; body: Html; status?: number }>,
  ) =>
    router.get(path, async (request, response) => {
      const { head, body, status = 200 } = await make(request);
      sendPage(response.status(status), frame, head, body);
    });
  page('/', () => overviewPage(site));
  page('/runs', ({ query }) => runsPage(site, readFilter(query)));
  page('/experiments/:name', ({ params }) => experimentPage(site, one(params.name)));
  page('/reports', () => reportsPage(site));
  router.get('/reports/:name', ({ params }, response) =>
    sendReport(site, one(params.name), response),
  );
  router.get('/runs/:id', async ({ params }, response) => {
    const { runId, attempt } = await findRun(site, one(params.id));
    if (runId !== params.id) return response.redirect(runPath(runId));
    const { head, body } = await runPage(site, runId, attempt);
    sendPage(response, frame, head, body);
  });
  return router;
}

function files(site: Site): Router {
  const router = express.Router();
  router.get('/runs/:id/log', async ({ params, query }, response) => {
    const { runId, attempt } = await findRun(site, one(params.id));
    await sendLog(site, runId, wholeIn(query, 'attempt', attempt, attempt), response);
  });
  router.get('/runs/:id/artifacts/*path', async ({ params }, response) => {
    const { runId } = await findRun(site, one(params.id));
    await sendArtifact(site, runId, [params.path].flat().join('/'), response);
  });
  return router;
}

function api(site: Site): Router {
  const router = express.Router();
  const get = (path: string, answer: (request: Request) => Promise<object>) =>
    router
      .route(path)
      .get(async (request, response) => {
        response.json(await answer(request));
      })
      .all(only('GET', 'HEAD'));
  get('/runs.json', ({ query }) => runsJson(site, readFilter(query)));
  get('/series', ({ query }) => seriesJson(site, query));
  get('/runs/:id.json', async ({ params }) =>
    runJson(site, (await findRun(site, one(params.id))).runId),
  );
  router
    .route('/query')
    .post(sameSite, express.json({ limit: '64kb' }), async ({ body }, response) => {
      response.json(await queryJson(site, body));
    })
    .all(only('POST'));
  router
    .route('/runs/:id/cancel')
    .post(sameSite, withToken(site.token), async ({ params }, response) => {
      response.status(202).json(await cancelRun(site, one(params.id)));
    })
    .all(only('POST'));
  return router;
}

/** A parameter of a path that is one segment. */
function one(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : '';
}
