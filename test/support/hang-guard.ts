/**
 * How long a test waits for what has to happen before it takes it for hung, in milliseconds. It says
 * nothing about speed: on a busy machine a browser's action can take half a minute.
 */
export const HANG_MS = 180_000;
