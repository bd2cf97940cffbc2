/** HTTP to the server: JSON in, JSON out, problems as one typed error. */

export type FieldError = { field: string; code: string };

/** A refusal or a failure to reach the server. `code` is translated by the screens; the server sends no prose. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: Record<string, unknown> = {},
    readonly requestId: string | null = null,
  ) {
    super(code);
  }
}

/** Called whenever an answer says that nobody is signed in any more. */
let onSignedOut: () => void = () => undefined;

export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

type Options = { body?: unknown; ifMatch?: number; key?: string; signal?: AbortSignal };

function headersOf({ body, ifMatch, key }: Options): Record<string, string> {
  return {
    Accept: "application/json",
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(ifMatch === undefined ? {} : { "If-Match": `"${ifMatch}"` }),
    ...(key === undefined ? {} : { "Idempotency-Key": key }),
  };
}

async function reach(method: string, path: string, options: Options): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      headers: headersOf(options),
      body: options.body === undefined ? null : JSON.stringify(options.body),
      credentials: "same-origin",
      signal: options.signal ?? null,
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "unreachable");
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as {
    code?: string;
    params?: Record<string, unknown>;
    request_id?: string;
  };
  return new ApiError(response.status, body.code ?? `http.${response.status}`, body.params ?? {}, body.request_id ?? null);
}

/** Sends one request and returns its JSON (undefined for an empty answer). Throws `ApiError`. */
export async function call<Answer>(method: string, path: string, options: Options = {}): Promise<Answer> {
  const response = await reach(method, path, options);
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.status === 401 && problem.code === "session.missing") onSignedOut();
    throw problem;
  }
  if (response.status === 204 || response.headers.get("Content-Length") === "0") return undefined as Answer;
  return (await response.json()) as Answer;
}
