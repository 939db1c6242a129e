export type { CodegenDocument, CodegenInfo } from './plugin.js';
export { plugin } from './plugin.js';
export type { IdempotencyCodegenConfig } from './config.js';
