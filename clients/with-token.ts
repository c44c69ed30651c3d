/** Sends a vendor request with a token, and once more with a newer one when the vendor refuses the first. */
import type { HttpAnswer } from './http-answer.ts';
import type { Tokens } from './tokens.ts';

/**
 * Graph's tokens may be withdrawn before their end, and a refresh by another worker ends RingCentral's old access token at
 * once; so a first 401 is no failure. A second is, and is returned. `mayMeanToken` is for vendors that say it otherwise.
 */
export async function withToken(
  tokens: Pick<Tokens, 'invalidate'>,
  getToken: () => Promise<string>,
  send: (accessToken: string) => Promise<HttpAnswer>,
  mayMeanToken: (status: number) => boolean = (status) => status === 401,
): Promise<HttpAnswer> {
  const accessToken = await getToken();
  const answer = await send(accessToken);
  if (!mayMeanToken(answer.status)) return answer;
  tokens.invalidate(accessToken);
  return send(await getToken());
}
