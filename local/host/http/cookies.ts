/** Turns the worker protocol's cookies into Set-Cookie headers (RFC 6265). */
import { z } from 'zod';

const optionalText = z.object({ value: z.string() }).nullish();
const optionalNumber = z.object({ value: z.number() }).nullish();
const optionalFlag = z.object({ value: z.boolean() }).nullish();

export const cookieShape = z.looseObject({
  name: z.string(),
  value: z.string(),
  domain: optionalText,
  path: optionalText,
  expires: z.object({ value: z.looseObject({ seconds: z.number() }) }).nullish(),
  secure: optionalFlag,
  httpOnly: optionalFlag,
  maxAge: optionalNumber,
  sameSite: z.string().nullish(),
});

/** `none` means that the app said nothing; only `explicitNone` is SameSite=None. */
const sameSiteNames: Readonly<Record<string, string>> = {
  lax: 'Lax',
  strict: 'Strict',
  explicitNone: 'None',
};

export function setCookie(cookie: z.infer<typeof cookieShape>): string {
  const sameSite = sameSiteNames[cookie.sameSite ?? ''];
  const parts = [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.expires && `expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`,
    cookie.maxAge && `max-age=${cookie.maxAge.value}`,
    cookie.domain && `domain=${cookie.domain.value}`,
    cookie.path && `path=${cookie.path.value}`,
    cookie.secure?.value && 'secure',
    sameSite && `samesite=${sameSite}`,
    cookie.httpOnly?.value && 'httponly',
  ];
  return parts.filter(Boolean).join('; ');
}
