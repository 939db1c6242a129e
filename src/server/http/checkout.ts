import express, { type Request, type RequestHandler, type Router } from 'express';
import type { Log } from '../log.js';
import type { StoreSwitch } from '../store-switch.js';
import { isOnThisMachine, isOwnPage } from './own-page.js';
import { pageFiles, protectPage } from './page-files.js';
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

/**
 * Everything below `/checkout`. Belongs before the handlers that let other origins in: a page from
 * elsewhere may neither flip the switch nor read anything here.
 */
export function checkoutRoutes(checkout: Checkout): Router {
  const router = express.Router();
  router.use(protectPage({ styleSrc: ["'self'"], imgSrc: ["'self'"], fontSrc: [] }));
  router
    .route('/store')
    .get((request, response) => {
      response.setHeader('Cache-Control', 'no-store');
      response.json(stateOf(checkout, request));
    })
    .post(ownPageOnly, jsonOnly, express.json({ limit: BODY_BYTES_MAX }), flip(checkout))
    .all(notAllowed('GET, HEAD, POST'));
  router.get('/{*path}', pageFiles(checkout.folder, 'checkout'));
  return router;
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
