import express, { type Router } from 'express';
import { pageFiles, protectPage } from './page-files.js';

/**
 * GraphiQL, for browsers that cannot load Apollo Sandbox.
 *
 * @param folder - of the built page
 */
export function graphiqlRoutes(folder: string): Router {
  const router = express.Router();
  router.use(
    protectPage({
      // Its dialogs write a style sheet into the page.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ['data:'],
    }),
  );
  router.get('/{*path}', pageFiles(folder, 'GraphiQL'));
  return router;
}
