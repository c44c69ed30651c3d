/** RingCentral's way of saying no: a status and one or more errors, each with a code that clients branch on. */

interface ErrorDetail {
  readonly errorCode: string;
  readonly message: string;
  readonly parameterName?: string;
  readonly permissionName?: string;
}

type RefusalStatus = 400 | 401 | 403 | 404 | 415 | 429 | 503;

/** A refusal of the platform API; source of the codes: RingCentral developer guide, "API error codes". */
export class RingCentralError extends Error {
  readonly status: RefusalStatus;
  readonly details: readonly ErrorDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: RefusalStatus,
    details: readonly ErrorDetail[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(details.map((detail) => `${detail.errorCode} ${detail.message}`).join('; '));
    this.status = status;
    this.details = details;
    this.headers = headers;
  }

  /** The JSON of the answer. */
  body(): Record<string, unknown> {
    return errorBody(this.details);
  }
}

/** The platform's error JSON: the first error's fields at the top, all of them under `errors`. */
export function errorBody(details: readonly ErrorDetail[]): Record<string, unknown> {
  return { ...details[0], errors: details };
}

/** A refusal of the token endpoint, in the form of RFC 6749 with RingCentral's codes beside it. */
export class OAuthError extends RingCentralError {
  readonly error: string;

  constructor(status: RefusalStatus, error: string, detail: ErrorDetail) {
    super(status, [detail]);
    this.error = error;
  }

  override body(): Record<string, unknown> {
    return { error: this.error, error_description: this.details[0]?.message, errors: this.details };
  }
}

export function refused(status: RefusalStatus, errorCode: string, message: string): RingCentralError {
  return new RingCentralError(status, [{ errorCode, message }]);
}

/** 400 CMN-101, one error for each parameter named. */
export function invalidParameters(...names: readonly string[]): RingCentralError {
  return new RingCentralError(
    400,
    names.map((name) => ({
      errorCode: 'CMN-101',
      message: `Parameter [${name}] value is invalid.`,
      parameterName: name,
    })),
  );
}

/** 404 CMN-102. */
export function resourceNotFound(parameterName: string): RingCentralError {
  const message = `Resource for parameter [${parameterName}] is not found`;
  return new RingCentralError(404, [{ errorCode: 'CMN-102', message, parameterName }]);
}

/** 403 CMN-401: the app's token lacks the scope. */
export function scopeMissing(permissionName: string): RingCentralError {
  const message = `In order to call this API endpoint, application needs to have [${permissionName}] permission`;
  return new RingCentralError(403, [{ errorCode: 'CMN-401', message, permissionName }]);
}

/** 403 CMN-408: the caller's user role lacks the permission for that target. */
export function permissionMissing(permissionName: string): RingCentralError {
  const message = `In order to call this API endpoint, user needs to have [${permissionName}] permission for requested resource.`;
  return new RingCentralError(403, [{ errorCode: 'CMN-408', message, permissionName }]);
}

/** 401 of the platform API: the access token is missing, unknown, dead or expired. */
export function unauthorized(errorCode: string, message: string): RingCentralError {
  return new RingCentralError(401, [{ errorCode, message }]);
}
