/** Logs and artifacts: bytes that a run made, so that no browser takes them for a page of ours. */

import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { artifactOf, type Bytes, logOf } from '../app/pages-files.ts';
import { rowsOf } from '../app/pages-query.ts';
import type { Site } from '../app/pages-site.ts';
import { artifactSql } from '../app/pages-sql.ts';
import { LightexError } from '../model/errors.ts';
import type { RunId } from '../model/experiment.ts';
import { textOf } from './pieces.ts';

/** What an attempt printed, as plain text; also while it runs. @throws LTX_NOT_FOUND */
export async function sendLog(
  site: Site,
  id: RunId,
  attempt: number,
  response: Response,
): Promise<void> {
  const log = await logOf(site.workspace, site.store, id, attempt);
  if (log === undefined) {
    throw new LightexError(
      'LTX_NOT_FOUND',
      `there is no log of attempt ${attempt} of run ${id} here`,
      {
        hint: 'It has printed nothing yet, or it ran on a machine with another store',
      },
    );
  }
  response.set('Content-Type', 'text/plain; charset=utf-8');
  await sendBytes(log, response);
}

/** A file of a run, to be saved. Only what the view `artifacts` lists, by its content. @throws LTX_NOT_FOUND */
export async function sendArtifact(
  site: Site,
  id: RunId,
  path: string,
  response: Response,
): Promise<void> {
  const { artifact } = await site.queries.ask(artifactSql(id, path));
  const [row] = rowsOf(artifact);
  const file = row === undefined ? undefined : await artifactOf(site.store, textOf(row.sha256));
  if (file === undefined) {
    throw new LightexError('LTX_NOT_FOUND', `run ${id} has no file "${path}"`);
  }
  // A name may hold a line end, a header may not.
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\p{Cc}/gu, '_');
  response.attachment(name).set({
    'Content-Type': 'application/octet-stream',
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
  await sendBytes(file, response);
}

/** Sends the bytes, or the one range of them that is asked for. */
async function sendBytes(bytes: Bytes, response: Response): Promise<void> {
  const request = response.req;
  const size = await bytes.size();
  response.set({
    'Accept-Ranges': 'bytes',
    ETag: `"${bytes.version}"`,
    'Cache-Control': 'no-cache',
  });
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const range = rangeIn(request, size, `"${bytes.version}"`);
  if (range === 'beyond') {
    response.status(416).set('Content-Range', `bytes */${size}`).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: size };
  if (range !== undefined) {
    response.status(206).set('Content-Range', `bytes ${start}-${end - 1}/${size}`);
  }
  response.set('Content-Length', String(end - start));
  if (request.method === 'HEAD') response.end();
  else await pipeline(bytes.read(start, end), response).catch(unlessGone(response));
}

/** From `start` to before `end`; undefined: all of it. Several ranges at once are answered with all, as HTTP allows. */
function rangeIn(
  request: Request,
  size: number,
  version: string,
): { start: number; end: number } | 'beyond' | undefined {
  const condition = request.get('if-range');
  if (condition !== undefined && condition !== version) return undefined;
  const ranges = request.range(size, { combine: true });
  if (ranges === -1) return 'beyond';
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  const [range] = ranges;
  return range === undefined ? undefined : { start: range.start, end: range.end + 1 };
}

/** A reader that goes away in the middle is no error. */
function unlessGone(response: Response): (cause: unknown) => void {
  return (cause) => {
    if (!response.closed || response.errored !== null) throw cause;
  };
}
