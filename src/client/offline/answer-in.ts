import { retryableRefusal } from '../core/refusal.js';
import { isAnswer, parseJson } from '../fetch/graphql-body.js';

/** The answer in a response. It is final if the server says it, and a retry would not change it. */
export async function answerIn(
  response: Response,
): Promise<{ readonly isFinal: boolean; readonly answer: unknown }> {
  try {
    const answer = parseJson(await response.clone().text());
    return { isFinal: isAnswer(answer) && retryableRefusal(answer) === undefined, answer };
  } catch {
    return { isFinal: false, answer: undefined };
  }
}
