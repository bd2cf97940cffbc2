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

/** `keepalive`: it is sent even while the page is being closed. */
export type RequestOptions = { body?: unknown; ifMatch?: number; key?: string; signal?: AbortSignal; keepalive?: boolean };

function headersOf({ body, ifMatch, key }: RequestOptions): Record<string, string> {
  return {
    Accept: "application/json",
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(ifMatch === undefined ? {} : { "If-Match": `"${ifMatch}"` }),
    ...(key === undefined ? {} : { "Idempotency-Key": key }),
  };
}

type Problem = { code?: string; params?: Record<string, unknown>; request_id?: string };

/** The error that a refusal tells. */
export function problemOf({ response, text }: Answered): ApiError {
  const body = parsed(text);
  return new ApiError(response.status, body.code ?? `http.${response.status}`, body.params ?? {}, body.request_id ?? null);
}

function parsed(text: string): Problem {
  try {
    return (JSON.parse(text) ?? {}) as Problem;
  } catch {
    return {};
  }
}

/** A response and its whole body. */
export type Answered = { response: Response; text: string };

/** Reads a whole body; calls `onBytes` whenever more of it has come. */
async function bodyOf(response: Response, onBytes: () => void): Promise<string> {
  if (!response.body) return "";
  const [reader, decoder] = [response.body.getReader(), new TextDecoder()];
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    onBytes();
    text += decoder.decode(value, { stream: true });
  }
}

/** How long a request waits for its response to begin, and for each further part of it. A connection of the browser's pool
 * may be dead, or die, without the browser knowing: a request on it would wait for minutes, or without end.
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
    const answered = await this.#send(method, path, options);
    if (!answered.response.ok) {
      const problem = problemOf(answered);
      if (problem.status === 401 && problem.code === "session.missing") this.onSignedOut();
      throw problem;
    }
    return (answered.text === "" ? undefined : JSON.parse(answered.text)) as Answer;
  }

  /** Sends a file as the part `file` of a form, for as long as it takes to be read. Throws `ApiError`. */
  async sendFile<Answer>(path: string, file: File, headers: Record<string, string> = {}): Promise<Answer> {
    const form = new FormData();
    form.set("file", file);
    return this.sendForm(path, form, undefined, headers);
  }

  /** Sends a form. Throws `ApiError`, also where the answer is none of the server's. */
  async sendForm<Answer>(path: string, form: FormData, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<Answer> {
    let answered: Answered;
    try {
      const response = await this.#fetch(path, {
        method: "POST",
        headers: { Accept: "application/json", ...headers },
        body: form,
        credentials: "same-origin",
        ...(signal ? { signal } : {}),
      });
      answered = { response, text: await response.text() };
    } catch {
      throw new ApiError(0, "unreachable");
    }
    if (!answered.response.ok) throw problemOf(answered);
    try {
      return JSON.parse(answered.text) as Answer;
    } catch {
      throw new ApiError(0, "unreachable");
    }
  }

  /** Sends the request, and again where it had no answer in time and acts only once. */
  async #send(method: string, path: string, options: RequestOptions): Promise<Answered> {
    const tries = method === "GET" || options.key !== undefined ? TRIES : 1;
    for (let tried = 1; ; tried++) {
      const late = new AbortController();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const wait = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => late.abort(), ANSWER_WITHIN_MS);
      };
      wait();
      try {
        const response = await this.#attempt(method, path, options, late.signal);
        wait();
        return { response, text: await bodyOf(response, wait) };
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
      ...(options.keepalive ? { keepalive: true } : {}),
      signal: options.signal ? AbortSignal.any([options.signal, late]) : late,
    });
  }
}
