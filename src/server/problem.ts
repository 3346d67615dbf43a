/** Errors as answers: a problem document (RFC 9457) under /api, a page elsewhere. Never a stack. */

import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { type ErrorCode, type Fault, LightexError } from '../model/errors.ts';
import { html } from '../qviz/html.ts';
import { type Frame, sendPage } from './frame.ts';
import { errorBox } from './pieces.ts';

const BY_FAULT: Readonly<Record<Fault, number>> = { user: 400, environment: 503, bug: 500 };

const BY_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  LTX_NOT_FOUND: 404,
  LTX_AMBIGUOUS: 409,
  LTX_HTTP_REFUSED: 403,
  LTX_SQL_REFUSED: 422,
  LTX_SQL_FAILED: 422,
  LTX_SQL_LIMIT: 422,
};

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint?: string;
}

/** The HTTP status of an error. */
export function statusFor({ code, fault }: LightexError): number {
  return BY_CODE[code] ?? BY_FAULT[fault];
}

/** What is not there. */
export const notFound: RequestHandler = (request) => {
  throw new LightexError('LTX_NOT_FOUND', `there is no page ${request.path}`);
};

/** What is there, but not for this method. */
export function only(...methods: readonly string[]): RequestHandler {
  return (request, response) => {
    response.status(405).set('Allow', methods.join(', '));
    throw new LightexError(
      'LTX_USAGE',
      `${request.path} takes ${methods.join(' and ')}, not ${request.method}`,
    );
  };
}

/** Answers with the error; `tell` hears of those that are ours to mend. */
export function answerErrors(frame: Frame, tell: (cause: unknown) => void): ErrorRequestHandler {
  return (cause: unknown, request, response, _next) => {
    // The answer has begun: all that is left is to break it off, so that nobody takes it for whole.
    if (response.headersSent) return response.destroy();
    const problem = problemOf(cause, response.statusCode);
    if (problem.status >= 500) tell(cause);
    response.status(problem.status);
    // Whoever is refused learns nothing of the workspace, which every page names.
    if (request.path.startsWith('/api/') || problem.status === 403) {
      response
        .type('application/problem+json')
        .send(JSON.stringify({ type: 'about:blank', ...problem }));
    } else sendPage(response, frame, { title: problem.title }, errorBody(problem));
  };
}

function problemOf(cause: unknown, chosen: number): Problem {
  const error = known(cause);
  // A middleware that knows better than the code has said so already.
  const status = chosen >= 400 ? chosen : (httpStatus(cause) ?? statusFor(error));
  return {
    status,
    title: STATUS_CODES[status] ?? 'Error',
    code: error.code,
    detail:
      error.fault === 'bug'
        ? 'this is a defect of LightEx; the server’s terminal says more'
        : error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

function known(cause: unknown): LightexError {
  if (cause instanceof LightexError) return cause;
  return httpStatus(cause) === undefined
    ? new LightexError('LTX_INTERNAL', 'unexpected', { cause })
    : new LightexError('LTX_USAGE', (cause as Error).message, { cause });
}

/** What express and its parsers say of a request that they cannot take. */
function httpStatus(cause: unknown): number | undefined {
  const status = cause instanceof Error && 'status' in cause ? Number(cause.status) : Number.NaN;
  return status >= 400 && status < 500 ? status : undefined;
}

function errorBody({ code, detail, hint }: Problem) {
  return html`${errorBox(code, detail, hint)}
<p class="ways"><a href="/">Overview</a> <a href="/runs">All runs</a> <a href="/reports">Reports</a></p>`;
}
