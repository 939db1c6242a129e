import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Log } from '../log.js';
import type { StoreSwitch } from '../store-switch.js';
import { isOnThisMachine, isOwnPage } from './own-page.js';
import type { PageFile } from './page-files.js';
import { refuse } from './refuse.js';
import { jsonOnly, notAllowed } from './request-handlers.js';

/** What `/checkout` is made of. */
export interface Checkout {
  /** The built page, by file name. */
  readonly files: ReadonlyMap<string, PageFile>;
  /** `redis` or `memory`. */
  readonly storeName: string;
  /** None: the page has no such switch. */
  readonly storeSwitch: StoreSwitch | undefined;
  /** Told when somebody flips it. */
  readonly log: Log;
}

/** What `GET /checkout/store` answers. */
interface StoreState {
  readonly store: string;
  readonly switchable: boolean;
  readonly away: boolean;
  /** Until it comes back by itself, in milliseconds; 0 when it is there. */
  readonly awayForMs: number;
}

const BODY_BYTES_MAX = 1_024;
const NOT_BUILT = 'The checkout page is not built: run "npm run build".';

/**
 * Everything below `/checkout`. Belongs before the handlers that let other origins in: a page from
 * elsewhere may neither flip the switch nor read anything here.
 */
export function checkoutRoutes(checkout: Checkout): Router {
  const router = express.Router();
  router.use(protect);
  router.get('/', (request, response) => {
    const file = checkout.files.get('index.html');
    if (file === undefined) response.status(404).type('text').send(NOT_BUILT);
    // Asked for again each time, and answered with 304 while it is the same.
    else send(request, response, file, 'no-cache');
  });
  router
    .route('/store')
    .get((request, response) => {
      response.setHeader('Cache-Control', 'no-store');
      response.json(stateOf(checkout, request));
    })
    .post(ownPageOnly, jsonOnly, express.json({ limit: BODY_BYTES_MAX }), flip(checkout))
    .all(notAllowed('GET, HEAD, POST'));
  router.get('/:name', (request, response, next) => {
    const { name } = request.params;
    const file = name === 'index.html' ? undefined : checkout.files.get(name);
    if (file === undefined) next();
    // The name holds a digest of the content.
    else send(request, response, file, 'public, max-age=31536000, immutable');
  });
  return router;
}

/** The page may load what this server serves, and talk to it; nothing else, and no inline code. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const protect: RequestHandler = (_request, response, next) => {
  response.setHeader('Content-Security-Policy', POLICY);
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
};

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
      log('info', 'The record store was emptied on /checkout.');
    } else if (typeof away === 'boolean') {
      storeSwitch.set(away);
      log('info', `The record store was ${away ? 'taken away' : 'brought back'} on /checkout.`);
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

function send(request: Request, response: Response, file: PageFile, cacheControl: string): void {
  response.setHeader('Cache-Control', cacheControl);
  response.setHeader('Content-Type', file.type);
  response.vary('Accept-Encoding');
  for (const [coding, body] of file.compressed) {
    if (request.acceptsEncodings(coding) === false) continue;
    response.setHeader('Content-Encoding', coding);
    response.send(body);
    return;
  }
  response.send(file.body);
}
