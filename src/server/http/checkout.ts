import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import express, { type Request, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import sirv from 'sirv';
import type { Log } from '../log.js';
import type { StoreSwitch } from '../store-switch.js';
import { isOnThisMachine, isOwnPage } from './own-page.js';
import { refuse } from './refuse.js';
import { jsonOnly, notAllowed } from './request-handlers.js';

/** The parts of `/checkout`. */
export interface Checkout {
  /** The folder of the built page, by `scripts/build-page.mjs`. */
  readonly folder: string;
  /** `redis` or `memory`. */
  readonly storeName: string;
  /** None: the page has no such switch. */
  readonly storeSwitch: StoreSwitch | undefined;
  /** Told when somebody flips it. */
  readonly log: Log;
}

/** The response body of `GET /checkout/store`. */
interface StoreState {
  readonly store: string;
  readonly switchable: boolean;
  readonly away: boolean;
  /** Until it comes back by itself, in milliseconds; 0 when it is there. */
  readonly awayForMs: number;
}

const BODY_BYTES_MAX = 1_024;
const YEAR_SECONDS = 31_536_000;

/**
 * Everything below `/checkout`. Belongs before the handlers that let other origins in: a page from
 * elsewhere may neither flip the switch nor read anything here.
 */
export function checkoutRoutes(checkout: Checkout): Router {
  const router = express.Router();
  router.use(protect);
  router
    .route('/store')
    .get((request, response) => {
      response.setHeader('Cache-Control', 'no-store');
      response.json(stateOf(checkout, request));
    })
    .post(ownPageOnly, jsonOnly, express.json({ limit: BODY_BYTES_MAX }), flip(checkout))
    .all(notAllowed('GET, HEAD, POST'));
  router.get('/{*path}', existsSync(checkout.folder) ? pageFiles(checkout.folder) : notBuilt);
  return router;
}

/** The page may load what this server serves, and call it; nothing else, and no inline code. */
const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // The server itself speaks plain HTTP.
  strictTransportSecurity: false,
});

const notBuilt: RequestHandler = ({ path }, response, next) => {
  if (path !== '/') next();
  else
    response.status(404).type('text').send('The checkout page is not built: run "npm run build".');
};

function pageFiles(folder: string): RequestHandler {
  const serve = sirv(folder, {
    brotli: true,
    gzip: true,
    etag: true,
    immutable: true,
    maxAge: YEAR_SECONDS,
    setHeaders(response, path) {
      // The name of any other file holds a digest of its content.
      if (['', '.html'].includes(extname(path))) response.setHeader('Cache-Control', 'no-cache');
    },
  });
  return (request, response, next) => {
    // The file server looks for a coding's name alone, and would send one that is refused by "q=0".
    request.headers['accept-encoding'] = request.acceptsEncodings().join();
    serve(request, response, next);
  };
}

/** The switch is for whoever tries the demo on this machine: no other page, and nobody elsewhere. */
const ownPageOnly: RequestHandler = (request, response, next) => {
  if (isOwnPage(request)) next();
  else refuse(response, 403, 'Only /checkout, opened on the machine of this server, may switch.');
};

function flip(checkout: Checkout): RequestHandler {
  return async (request, response) => {
    const { storeSwitch, log } = checkout;
    const body = request.body as { readonly away?: unknown; readonly forget?: unknown } | null;
    const away = body?.away;
    if (storeSwitch === undefined) {
      refuse(response, 403, 'This server has no switch: CHECKOUT_SWITCHES is off.');
      return;
    }
    if (body?.forget === true) {
      await storeSwitch.forgetAll();
      log.info('The record store was emptied on /checkout.');
    } else if (typeof away === 'boolean') {
      storeSwitch.set(away);
      log.info(`The record store was ${away ? 'taken away' : 'brought back'} on /checkout.`);
    } else {
      refuse(response, 400, 'Send {"away": true}, {"away": false} or {"forget": true}.');
      return;
    }
    response.json(stateOf(checkout, request));
  };
}

function stateOf({ storeName, storeSwitch }: Checkout, request: Request): StoreState {
  const awayForMs = Math.ceil(storeSwitch?.awayForMs() ?? 0);
  return {
    store: storeName,
    switchable: storeSwitch !== undefined && isOnThisMachine(request),
    away: awayForMs > 0,
    awayForMs,
  };
}
