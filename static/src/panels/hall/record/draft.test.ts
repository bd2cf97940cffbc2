/** A new incident, as it is written down and sent. */

import { describe, expect, test } from "vitest";
import { ApiError } from "../../../wire/client";
import { Draft, fieldErrorsOf } from "./draft.svelte";

function told(): Draft {
  const draft = new Draft();
  draft.source = "window";
  draft.write("category", "dispute.family");
  draft.write("title", "  A quarrel ");
  draft.write("address", "East gate");
  return draft;
}

describe("a draft", () => {
  test("names each field that is missing, and forgets the fault when it is filled", () => {
    const draft = new Draft();
    expect(draft.check()).toBe(false);
    expect(draft.errors).toEqual({ category: "missing", title: "missing", place: "missing" });
    draft.put([120.6, 31.1]);
    expect(draft.errors).toEqual({ category: "missing", title: "missing" });
  });

  test("is sent without what is empty, in words alone or with a point", () => {
    const draft = told();
    expect(draft.check()).toBe(true);
    const words = { source: "window", category: "dispute.family", title: "A quarrel", address: "East gate" };
    expect(draft.body()).toEqual(words);
    draft.put([120.6, 31.1], "Grid 3");
    expect(draft.body()).toEqual({ ...words, address: "Grid 3", lon: 120.6, lat: 31.1 });
  });

  test("is sent again under the same key until it says something else", () => {
    const draft = told();
    let drawn = 0;
    const key = () => draft.key(() => `k${++drawn}`);
    expect([key(), key()]).toEqual(["k1", "k1"]);
    draft.write("description", "Since yesterday");
    expect(key()).toBe("k2");
  });

  test("shows what the server refused by field, and a refusal of none as a whole", () => {
    const errors = [
      { field: "lon", code: "outside" },
      { field: "lat", code: "outside" },
      { field: "title", code: "string_too_long" },
    ];
    const refused = new ApiError(422, "invalid", { errors });
    expect(fieldErrorsOf(refused)).toEqual({ place: "outside", title: "string_too_long" });
    const draft = told();
    draft.refuse(new ApiError(0, "unreachable"));
    expect([draft.errors, draft.problem, draft.isBlank]).toEqual([{}, "unreachable", false]);
  });
});
