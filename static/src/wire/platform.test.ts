import { describe, expect, it } from "vitest";
import { prefixOf } from "./platform";
import { liveAddress } from "./socket";

function pageWith(content: string | null): Pick<Document, "querySelector"> {
  return { querySelector: (() => (content === null ? null : { content })) as unknown as Document["querySelector"] };
}

describe("the path prefix", () => {
  it.each([
    [null, ""],
    ["", ""],
    ["/maple", "/maple"],
  ])("written as %s is %s", (content, prefix) => {
    expect(prefixOf(pageWith(content))).toBe(prefix);
  });

  it.each([
    ["https:", "", "wss://hall.example/api/live?since=1%3A2"],
    ["http:", "/maple", "ws://hall.example/maple/api/live?since=1%3A2"],
  ])("leads the socket's address under %s%s", (protocol, prefix, address) => {
    expect(liveAddress({ protocol, host: "hall.example", prefix }, { since: "1:2" })).toBe(address);
  });
});
