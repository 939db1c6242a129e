import cors from 'cors';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { USERS, type UserName } from './ledger/tables.js';

const BODY_BYTES_MAX = 1_048_576;
const PREFLIGHT_SECONDS = 600;

/** What every request passes first: cross-origin rules, then the JSON body. */
export function requestHandlers(): RequestHandler[] {
  return [
    allowPrivateNetwork,
    // Any origin may call, as Apollo Sandbox on studio.apollographql.com does: no cookies are used.
    cors({ exposedHeaders: ['Idempotent-Replayed', 'Retry-After'], maxAge: PREFLIGHT_SECONDS }),
    express.json({ limit: BODY_BYTES_MAX }),
  ];
}

/** A public page that calls a server on a private address must be told that it may. */
const allowPrivateNetwork: RequestHandler = (request, response, next) => {
  if (request.headers['access-control-request-private-network'] === 'true') {
    response.setHeader('Access-Control-Allow-Private-Network', 'true');
  }
  next();
};

/** Answers 200 when the store answers, else 503. */
export function health(ping: () => Promise<void>, store: string): RequestHandler {
  return async (_request, response) => {
    try {
      await ping();
      response.json({ status: 'ok', store });
    } catch {
      response.status(503).json({ status: 'unavailable', store });
    }
  };
}

/** A body that is no JSON, or too large, is answered in the words of GraphQL. */
export const bodyErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status: unknown =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (response.headersSent || typeof status !== 'number' || status < 400 || status > 499) {
    next(error);
    return;
  }
  const message =
    status === 413 ? 'The request is too large.' : 'The request body is not valid JSON.';
  response.status(status).json({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
};

/** The caller that `Authorization: Bearer <name>` names, or null. */
export function callerOf(authorization: string | undefined): UserName | null {
  const name = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return USERS.find((user) => user === name) ?? null;
}
