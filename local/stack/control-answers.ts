/** How the control address reads bodies and words refusals: problem+json that names the field. */
import type { Context } from 'hono';
import { z } from 'zod';
import { MarketplaceError } from '../vendors/marketplace/marketplace-error.ts';

type ProblemStatus = 400 | 403 | 404 | 409 | 415 | 500;

/** An empty body counts as `{}`; what is not JSON is refused like any other misshapen body. */
export async function bodyOf(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The vendors throw for people they do not know; the marketplace also for what cannot be done now. */
export async function known(context: Context, show: () => unknown): Promise<Response> {
  try {
    return context.json(await show());
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
    const status = error instanceof MarketplaceError ? error.status : 404;
    return problem(context, status, (error as Error).message);
  }
}

export function misshapen(context: Context, error: z.ZodError): Response {
  const errors = error.issues.map((issue) => [issue.path.join('.') || 'body', issue.message] as const);
  return problem(context, 400, 'The request does not have the expected shape.', Object.fromEntries(errors));
}

export function problem(context: Context, status: ProblemStatus, title: string, errors?: object): Response {
  return context.json({ type: 'about:blank', title, status, ...(errors && { errors }) }, status, {
    'content-type': 'application/problem+json',
  });
}
