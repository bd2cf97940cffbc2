import { expect, it, vi } from "vitest";
import type { Register, StaffPost } from "../wire/cases";
import { ApiError } from "../wire/client";
import { Posts } from "./posts.svelte";

const post = (id: number, unit: string) => ({ id, unit, person: `王${id}`, title: "expert", specialities: ["dispute.land"] }) as unknown as StaffPost;
const register = { kinds: [{ code: "pool", pool: true }, { code: "room", pool: false }], titles: [{ code: "expert", names: { zh: "调解专家", en: "Expert" } }] } as unknown as Register;

it("the posts of a unit are asked for once, and are told by name and title", async () => {
  const asked = vi.fn((unit: string) => Promise.resolve({ items: [post(7, unit)] }));
  const posts = new Posts({ posts: asked, register: () => Promise.resolve(register) });
  await Promise.all([posts.fetch(["u1"]), posts.fetch(["u1"])]);
  expect([asked.mock.calls.length, posts.of("u1")]).toEqual([1, [{ id: "7", label: "王7", unit: "u1", title: "调解专家", specialities: ["dispute.land"] }]]);
  expect([posts.get("7")?.unit, posts.get("8"), posts.isPool("pool"), posts.isPool("room")]).toEqual(["u1", undefined, true, false]);
});

it.each([
  [404, true, 1],
  [403, true, 1],
  [0, false, 2],
])("a refusal with %i is final: %s", async (status, known, times) => {
  const asked = vi.fn(() => Promise.reject(new ApiError(status, "refused")));
  const posts = new Posts({ posts: asked, register: () => Promise.resolve(register) });
  await posts.fetch(["u1"]);
  await posts.fetch(["u1"]);
  expect([posts.known(["u1"]), asked.mock.calls.length]).toEqual([known, times]);
});
