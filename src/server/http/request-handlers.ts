import cors from 'cors';
import express, { type RequestHandler } from 'express';
import { refuse } from './refuse.js';

/**
 * The largest honest request: ten payments in one document, each with a reference of 140 characters
 * that are all escaped, take a quarter of this.
 */
export const BODY_BYTES_MAX = 65_536;

const PREFLIGHT_SECONDS = 600;

/** Passed by every request to the API: cross-origin rules, then the JSON body. */
export function requestHandlers(): RequestHandler[] {
  return [
    allowPrivateNetwork,
    // Any origin may call, as Apollo Sandbox on studio.apollographql.com does: no cookies are used.
    cors({ exposedHeaders: ['Idempotent-Replayed', 'Retry-After'], maxAge: PREFLIGHT_SECONDS }),
    getOrJson,
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

/** Accepts what the API takes: GET, or POST with JSON. */
const getOrJson: RequestHandler = (request, response, next) => {
  // Apollo Server knows no HEAD; a response to one is sent without its body in any case.
  if (request.method === 'HEAD') request.method = 'GET';
  if (request.method === 'GET') next();
  else if (request.method === 'POST') jsonOnly(request, response, next);
  else notAllowed('GET, HEAD, POST, OPTIONS')(request, response, next);
};

/** Refuses a POST that is not JSON. A form of another page cannot say that it is without asking first. */
export const jsonOnly: RequestHandler = (request, response, next) => {
  // Null: there is no body, which its handler says.
  if (request.is('application/json') !== false) next();
  else refuse(response, 415, 'Send JSON: Content-Type: application/json.');
};

/** Refuses a method that a path does not have. */
export function notAllowed(allow: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('Allow', allow);
    refuse(response, 405, `Use one of ${allow}.`);
  };
}

/** Refuses a path that nothing is at. */
export const notFound: RequestHandler = (_request, response) => {
  refuse(response, 404, 'There is nothing here.');
};
