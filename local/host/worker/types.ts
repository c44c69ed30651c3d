/** The contract between the host and the unmodified `@azure/functions` package: what `@azure/functions-core` declares. */

/** A value on the wire between host and worker (azure-functions-language-worker-protobuf, TypedData). */
export interface TypedData {
  string?: string | null;
  json?: string | null;
  bytes?: Uint8Array | null;
  int?: number | null;
  double?: number | null;
  http?: unknown;
}

export interface Binding {
  type: string;
  name?: string;
  direction?: string;
  [option: string]: unknown;
}

export interface FunctionMetadata {
  name: string;
  functionId?: string;
  bindings: Record<string, Binding>;
  retryOptions?: unknown;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;

export interface RegisteredFunction {
  readonly id: string;
  readonly name: string;
  readonly metadata: FunctionMetadata;
  readonly triggerName: string;
  readonly trigger: Binding;
  readonly callback: FunctionCallback;
}

interface InvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
}

export interface InvocationResponse {
  invocationId?: string;
  outputData?: { name: string; data?: TypedData | null }[];
  returnValue?: TypedData | null;
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state?: 'preInvocationHooks' | 'postInvocationHooks' | 'invocation';
  log(level: string, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(
    capabilities: Record<string, string>,
  ): Record<string, string> | Promise<Record<string, string>>;
}

export type HookName = 'preInvocation' | 'postInvocation' | 'appStart' | 'appTerminate' | 'log';

export type HookCallback = (context: object) => unknown;
