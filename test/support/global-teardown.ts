// Jest loads this file without its module mapper: ".js" would not be found.
import { stopSharedRedis } from './start-shared-redis';

/** Ends what the setup of a run has started. Jest wants a default export here. */
export default function globalTeardown(): void {
  stopSharedRedis();
}
