/** How a failed activity reaches its orchestration (azure-functions-durable-extension, TaskActivityShim). */
import { z } from 'zod';

/** What the SDK puts in the error's message when the app provides exception properties. */
const providedShape = z.looseObject({
  errorType: z.string(),
  errorMessage: z.string(),
  isNonRetriable: z.boolean().optional(),
  properties: z.record(z.string(), z.unknown()).nullish(),
  stackTrace: z.string().nullish(),
});

export interface TaskFailure {
  readonly reason: string;
  readonly details: string;
  readonly failureDetails: unknown;
}

export function taskFailure(name: string, error: unknown): TaskFailure {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const provided = readProvided(message);
  const text = provided?.errorMessage ?? message;
  return {
    // Two spaces: the extension keeps the blank that stood before the worker's message.
    reason: `Activity function '${name}' failed:  ${text}`,
    details: dotNetException(text, `Result: Failure\nException: ${text}\nStack: ${stack}`),
    failureDetails: provided
      ? {
          ErrorType: provided.errorType,
          ErrorMessage: provided.errorMessage,
          StackTrace: provided.stackTrace ?? null,
          IsNonRetriable: provided.isNonRetriable ?? false,
          Properties: provided.properties ?? null,
          InnerFailure: null,
        }
      : null,
  };
}

function readProvided(message: string): z.infer<typeof providedShape> | undefined {
  if (!message.startsWith('{')) return undefined;
  try {
    return providedShape.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined; // An ordinary message that begins with a brace.
  }
}

function dotNetException(message: string, workerText: string): string {
  return JSON.stringify({
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: ` ${message}`,
    Data: null,
    InnerException: {
      $type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
      ClassName: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException',
      Message: workerText,
    },
  });
}
