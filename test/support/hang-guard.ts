/**
 * The longest wait of a test for an event before it counts as hung, in milliseconds. It says nothing
 * about speed: on a busy machine a browser's action can take half a minute.
 */
export const HANG_MS = 180_000;
