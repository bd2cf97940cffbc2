/** HTTP to the server: JSON in, JSON out, problems as one typed error. */

import type { Platform } from "./platform";

/** An error answer, or status 0 where the server is unreachable. `code` is translated by the screens. */
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

export type RequestOptions = { body?: unknown; ifMatch?: number; key?: string; signal?: AbortSignal };

function headersOf({ body, ifMatch, key }: RequestOptions): Record<string, string> {
  return {
    Accept: "application/json",
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(ifMatch === undefined ? {} : { "If-Match": `"${ifMatch}"` }),
    ...(key === undefined ? {} : { "Idempotency-Key": key }),
  };
}

async function problemOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as {
    code?: string;
    params?: Record<string, unknown>;
    request_id?: string;
  };
  return new ApiError(response.status, body.code ?? `http.${response.status}`, body.params ?? {}, body.request_id ?? null);
}

/** How long a request waits for its response to begin. A connection of the browser's pool may be dead without the browser
 * knowing: a request on it would wait for minutes.
 */
export const ANSWER_WITHIN_MS = 15_000;

const TRIES = 2;

export class Client {
  /** Called when an answer says that the session has ended. */
  onSignedOut: () => void = () => undefined;
  readonly #fetch: Platform["fetch"];

  constructor({ fetch }: Pick<Platform, "fetch">) {
    this.#fetch = fetch;
  }

  /** Sends one request and returns its JSON (undefined for an empty answer). Throws `ApiError`. */
  async call<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.#send(method, path, options);
    if (!response.ok) {
      const problem = await problemOf(response);
      if (problem.status === 401 && problem.code === "session.missing") this.onSignedOut();
      throw problem;
    }
    if (response.status === 204 || response.headers.get("Content-Length") === "0") return undefined as Answer;
    return (await response.json()) as Answer;
  }

  /** Sends the request, and again where it had no answer in time and acts only once. */
  async #send(method: string, path: string, options: RequestOptions): Promise<Response> {
    const tries = method === "GET" || options.key !== undefined ? TRIES : 1;
    for (let tried = 1; ; tried++) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), ANSWER_WITHIN_MS);
      try {
        return await this.#attempt(method, path, options, late.signal);
      } catch (cause) {
        if (options.signal?.aborted) throw cause;
        if (!late.signal.aborted || tried === tries) throw new ApiError(0, "unreachable");
      } finally {
        clearTimeout(timer);
      }
    }
  }

  #attempt(method: string, path: string, options: RequestOptions, late: AbortSignal): Promise<Response> {
    return this.#fetch(path, {
      method,
      headers: headersOf(options),
      body: options.body === undefined ? null : JSON.stringify(options.body),
      credentials: "same-origin",
      signal: options.signal ? AbortSignal.any([options.signal, late]) : late,
    });
  }
}
