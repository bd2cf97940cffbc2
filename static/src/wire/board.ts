/** The board over HTTP: figures of running cases, the cases behind each, circulars; and notices that ask for an answer. */

import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";
import type { WhatIf, WhatIfQuestion } from "./weighing";

type Schemas = components["schemas"];

export type Board = Schemas["BoardOut"];
export type BoardCell = Schemas["BoardCellOut"];
export type BoardFigure = Schemas["BoardFigureOut"];
export type BoardCase = Schemas["BoardCaseOut"];
export type BoardTrend = Schemas["BoardTrendOut"];
export type BoardWeek = Schemas["BoardWeekOut"];
export type BoardPage = Schemas["BoardPage"];
export type Circulars = Schemas["CircularsOut"];
export type Notice = Schemas["NoticeOut"];
export type By = Board["by"];

export class BoardCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  board({ by, scope }: { by: By; scope: string | null }): Promise<Board> {
    return this.#client.call("GET", `/api/board?${new URLSearchParams({ by, ...(scope ? { scope } : {}) })}`);
  }

  /** How many cases closed on time in each of the last weeks. */
  trend(scope: string | null): Promise<BoardTrend> {
    return this.#client.call("GET", `/api/board/trend${scope ? `?${new URLSearchParams({ scope })}` : ""}`);
  }

  /** The cases behind a figure, by the address that came with it. */
  behind(cases: string, { limit, cursor }: { limit: number; cursor: string | null }): Promise<BoardPage> {
    return this.#client.call("GET", `${cases}&${new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}) })}`);
  }

  /** What other weights of dispatching would have done. Nothing is changed. */
  whatIf(question: WhatIfQuestion): Promise<WhatIf> {
    return this.#client.call("POST", "/api/dispatch/what-if", { body: question });
  }

  /** Circulates cases. Under one key it is done once. */
  circulate(incidents: readonly number[], note: string, key: string): Promise<Circulars> {
    return this.#client.call("POST", "/api/board/circulars", { body: { incidents, note }, key });
  }

  /** Notices that reach this person, the latest first. */
  notices(query: { incident?: number; unread?: boolean; unanswered?: boolean; limit?: number }): Promise<Page<Notice>> {
    const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
    return this.#client.call("GET", `/api/notices?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`);
  }

  answer(notice: number, answer: string, key: string): Promise<Notice> {
    return this.#client.call("POST", `/api/notices/${notice}/answer`, { body: { answer }, key });
  }

  read(notice: number): Promise<Notice> {
    return this.#client.call("POST", `/api/notices/${notice}/read`);
  }
}
