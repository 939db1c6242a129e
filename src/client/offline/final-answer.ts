import { retryableRefusal } from '../core/refusal.js';
import { isAnswer, parseJson } from '../fetch/graphql-body.js';
import type { ShownAnswer } from '../intent/ends-intent.js';

/** The answer in a response, if the server says it and a retry would not change it. */
export async function finalAnswerIn(response: Response): Promise<ShownAnswer | undefined> {
  try {
    const answer = parseJson(await response.clone().text());
    return isAnswer(answer) && retryableRefusal(answer) === undefined ? answer : undefined;
  } catch {
    return undefined;
  }
}
