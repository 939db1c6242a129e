import { STORE_ADDRESS } from './use-store-switch.js';

/** Has the server empty its record store. */
export async function forgetRecords(): Promise<void> {
  const response = await fetch(STORE_ADDRESS, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ forget: true }),
  });
  if (!response.ok) throw new Error(response.statusText);
}
