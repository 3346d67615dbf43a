/** Who may ask what, and what every answer says to the browser. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Request, RequestHandler } from 'express';
import { LightexError } from '../model/errors.ts';

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Sets the headers of every answer; a route may tighten them. */
export const strictHeaders: RequestHandler = (_request, response, next) => {
  response.set(HEADERS);
  next();
};

/**
 * Refuses names that are not ours: a page of another site whose name was pointed at this machine (DNS rebinding)
 * would otherwise read everything as its own origin.
 */
export function knownHost(boundTo: string): RequestHandler {
  const everywhere = boundTo === '0.0.0.0' || boundTo === '::';
  const names = new Set(['localhost', '127.0.0.1', '::1', boundTo.toLowerCase()]);
  const isOurs = (name: string) =>
    names.has(name) ||
    // Whoever has the address itself in the bar was not sent by a name.
    (everywhere && (isIP(name) !== 0 || name === hostname().toLowerCase()));
  return (request, _response, next) => {
    if (isOurs(hostOf(request.get('host')))) next();
    else throw refused(`the host ${JSON.stringify(request.get('host') ?? '')} is not served here`);
  };
}

/** Refuses what a page of another site sends; programs send neither header. */
export const sameSite: RequestHandler = (request, _response, next) => {
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  const isOurs =
    site === undefined
      ? origin === undefined || isOrigin(origin, request)
      : site === 'same-origin' || site === 'none';
  if (isOurs) next();
  else throw refused('pages of other sites may not ask this');
};

/** Refuses whoever does not send the token. */
export function withToken(token: string): RequestHandler {
  return (request, response, next) => {
    const given = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return next();
    response.status(401).set('WWW-Authenticate', 'Bearer realm="lightex"');
    throw refused('this changes something, and needs the token', {
      hint: 'Send the header Authorization: Bearer TOKEN, with what .lightex/token holds',
    });
  };
}

function refused(message: string, more?: { hint: string }): LightexError {
  return new LightexError('LTX_HTTP_REFUSED', message, more);
}

/** The name in a Host header, without port and brackets; empty when it is none. */
function hostOf(header: string | undefined): string {
  try {
    return new URL(`http://${header}`).hostname.replace(/^\[(.*)\]$/, '$1');
  } catch {
    return ''; // no URL can have it: it is refused
  }
}

function isOrigin(origin: string, request: Request): boolean {
  return origin === `${request.protocol}://${request.get('host')}`;
}

const digest = (text: string) => createHash('sha256').update(text).digest();
