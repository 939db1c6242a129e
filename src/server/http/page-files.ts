import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import sirv from 'sirv';

const YEAR_SECONDS = 31_536_000;

/** The parts of a page's security policy that pages of this server differ in. */
export interface PagePolicy {
  readonly styleSrc: readonly string[];
  readonly imgSrc: readonly string[];
  readonly fontSrc: readonly string[];
}

/** A page may load what this server serves, and call it; nothing else, and no inline code. */
export function protectPage({ styleSrc, imgSrc, fontSrc }: PagePolicy): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc,
        imgSrc,
        ...(fontSrc.length > 0 && { fontSrc }),
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // The server itself speaks plain HTTP.
    strictTransportSecurity: false,
  });
}

/**
 * The files of a page that `scripts/build-page.mjs` has built.
 *
 * @param name - the page's name in the answer where it is not built
 */
export function pageFiles(folder: string, name: string): RequestHandler {
  if (!existsSync(folder)) return notBuilt(name);
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

function notBuilt(name: string): RequestHandler {
  return ({ path }, response, next) => {
    if (path !== '/') next();
    else
      response.status(404).type('text').send(`The ${name} page is not built: run "npm run build".`);
  };
}
