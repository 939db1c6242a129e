import type { Response } from 'express';

/** Answers a request that is not served, in the words of GraphQL, as every other refusal of this server. */
export function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
}
