import { describe, expect, it } from "vitest";
import { en } from "./en";
import { zh, type Key } from "./zh";

const keys = Object.keys(zh) as Key[];
const parameters = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe("the words", () => {
  it.each(keys)("%s take the same parameters in both languages", (key) => {
    expect(parameters(en[key])).toEqual(parameters(zh[key]));
  });

  it("have no key that only English knows", () => expect(Object.keys(en).sort()).toEqual([...keys].sort()));
});
