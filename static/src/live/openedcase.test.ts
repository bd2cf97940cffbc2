/** A case that is open, and what becomes of a move. */

import { describe, expect, it, vi } from "vitest";
import { FakeBrowser } from "../testing/browser";
import type { CaseFile, Flow } from "../wire/cases";
import { ApiError } from "../wire/client";
import { FlowWords } from "./flowwords.svelte";
import { OpenedCase } from "./openedcase.svelte";

const NOTE = { code: "note", type: "text", required: true, choices: [], longest: 100, least: null, most: null, confirm: false, names: { zh: "说明", en: "Note" }, unit_kinds: [] };
const MOVE = { move: "transfer", kind: "transfer", to: null, form: [NOTE] };
const file = (version: number, moves: object[] = [MOVE]): CaseFile => ({ id: 7, version, pack_version: "p1", stage: "received", moves, barred: [], clocks: [] }) as unknown as CaseFile;

function opened({ browser = new FakeBrowser(), versions = [file(1)], move = vi.fn((): Promise<CaseFile> => Promise.resolve(file(2, []))) } = {}) {
  const found = vi.fn(() => Promise.resolve(versions.length > 1 ? versions.shift()! : versions[0]!));
  const flow = new FlowWords({ flow: () => Promise.resolve({ version: "p1" } as Flow) });
  return { browser, move, found, one: new OpenedCase({ cases: { case: found, move }, flow, platform: browser, session: { me: { id: 1 } } }) };
}

async function filled(parts: ReturnType<typeof opened>, note = "To the town") {
  await parts.one.open(7);
  parts.one.begin(parts.one.file!.moves[0]!);
  parts.one.write("note", note);
  return parts;
}

describe("a move", () => {
  it("is made once however often it is pressed, and the answer is the case", async () => {
    const { one, move } = await filled(opened());
    await Promise.all([one.make(), one.make(), one.make()]);
    expect([move.mock.calls.length, one.file?.version, one.move, one.made]).toEqual([1, 2, null, "transfer"]);
  });

  it("with a field missing is not sent", async () => {
    const { one, move } = await filled(opened(), " ");
    expect(await one.make()).toBe(false);
    expect([move.mock.calls.length, one.errors]).toEqual([0, { note: "missing" }]);
  });

  it("of an old version keeps what is written, and goes with the new one", async () => {
    const move = vi.fn((): Promise<CaseFile> => Promise.resolve(file(4, [])));
    move.mockRejectedValueOnce(new ApiError(412, "version.stale"));
    const { one } = await filled(opened({ versions: [file(1), file(3)], move }));
    expect(await one.make()).toBe(false);
    expect([one.refusal?.code, one.written, one.file?.version]).toEqual(["version.stale", { note: "To the town" }, 3]);
    expect(await one.make()).toBe(true);
    const [first, second] = move.mock.calls as unknown as [CaseFile, string, object, string][];
    expect([first?.[0].version, second?.[0].version, first?.[3] === second?.[3]]).toEqual([1, 3, false]);
  });

  it("whose answer is lost goes again under the same key, after the page was loaded anew too", async () => {
    const move = vi.fn((): Promise<CaseFile> => Promise.resolve(file(2, [])));
    move.mockRejectedValueOnce(new ApiError(0, "unreachable"));
    const parts = await filled(opened({ move }));
    await parts.one.make();
    const again = opened({ browser: parts.browser, move, versions: [file(2, [])] });
    await again.one.open(7);
    const keys = (move.mock.calls as unknown as unknown[][]).map((call) => call[3]);
    expect([keys.length, keys[0] === keys[1], again.one.move, again.one.made]).toEqual([2, true, null, "transfer"]);
  });

  it("that is half written is there again after a reload", async () => {
    const { browser } = await filled(opened());
    const { one, move } = opened({ browser });
    await one.open(7);
    expect([one.move?.move, one.written, move.mock.calls.length]).toEqual(["transfer", { note: "To the town" }, 0]);
  });
});

describe("a case that is asked for again and again", () => {
  it("is shown by each answer, though every answer comes after the next question", async () => {
    const answers: ((file: CaseFile) => void)[] = [];
    const { one, found } = opened();
    await one.open(7);
    found.mockImplementation(() => new Promise<CaseFile>((answer) => answers.push(answer)));
    const shown: (number | undefined)[] = [];
    void one.refresh();
    for (const version of [2, 3, 4]) {
      void one.refresh();
      answers.shift()?.(file(version));
      await vi.waitFor(() => expect(one.file?.version).toBe(version));
      shown.push(one.file?.version);
    }
    expect(shown).toEqual([2, 3, 4]);
  });

  it("is not shown as it was before a move", async () => {
    const { one, found } = await filled(opened());
    let answer: (file: CaseFile) => void = () => undefined;
    found.mockImplementation(() => new Promise<CaseFile>((given) => (answer = given)));
    const before = one.refresh();
    await one.make();
    answer(file(1));
    await before;
    expect(one.file?.version).toBe(2);
  });
});
