/** Sends a vendor request with a token, and once more with a newer one when the vendor refuses the first. */
import type { HttpAnswer } from './http-answer.ts';
import type { Tokens } from './tokens.ts';

/**
 * Graph's tokens may be withdrawn before their end, and a refresh by another worker ends RingCentral's old access token at
 * once; so a first 401 is no failure. A second is, and is returned.
 */
export async function withToken(
  tokens: Pick<Tokens, 'invalidate'>,
  getToken: () => Promise<string>,
  send: (accessToken: string) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const accessToken = await getToken();
  const answer = await send(accessToken);
  if (answer.status !== 401) return answer;
  tokens.invalidate(accessToken);
  return send(await getToken());
}
