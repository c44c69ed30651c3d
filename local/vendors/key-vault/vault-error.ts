/** Errors as Key Vault words them (Azure Key Vault, "REST API error codes"). */

export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly status: number;
  readonly code: string;
  readonly innerCode: string | undefined;

  constructor(status: number, code: string, message: string, innerCode?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.innerCode = innerCode;
  }
}

export function badParameter(message: string): VaultError {
  return new VaultError(400, 'BadParameter', message);
}

export function secretNotFound(name: string): VaultError {
  return new VaultError(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command.`,
  );
}

export function vaultErrorResponse({ status, code, message, innerCode }: VaultError): Response {
  const inner = innerCode === undefined ? {} : { innererror: { code: innerCode } };
  return Response.json({ error: { code, message, ...inner } }, { status });
}

const codes: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'SecretNotFound',
  409: 'Conflict',
  429: 'Throttled',
};

/** The answer for a fault that was switched on. */
export function vaultFault(status: number, retryAfterSeconds: number | undefined): Response {
  const code = codes[status] ?? (status >= 500 ? 'InternalServerError' : 'BadParameter');
  const response = vaultErrorResponse(new VaultError(status, code, 'The request was not processed.'));
  if (retryAfterSeconds !== undefined)
    response.headers.set('retry-after', String(Math.ceil(retryAfterSeconds)));
  return response;
}
