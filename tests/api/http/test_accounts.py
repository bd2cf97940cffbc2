"""Accounts over HTTP: added, changed and locked by administrators; tokens are shown once, passwords never."""

from sqlalchemy import select

from console.access.tables import IdempotencyKey, User
from geo.store import Reach, Store
from tests.worlds import PASSWORD, ROOT, WEST, ClientAs, World

NEW = "Another-Bridge-2"


async def test_an_administrator_adds_an_account_that_signs_in(client_as: ClientAs, world: World, store: Store) -> None:
    admin, operator, auditor = client_as("admin"), client_as("operator"), client_as("auditor")
    body = {"username": "qian", "display_name": "钱", "role": "clerk", "scope": WEST[-9:], "password": PASSWORD}
    body |= {"reason": "新入职"}
    assert (await operator.post("/api/users", json=body)).status_code == 403
    assert (await auditor.post("/api/users", json=body)).status_code == 403
    assert (await admin.post("/api/users", json=body | {"reason": ""})).status_code == 422
    assert (await admin.post("/api/users", json=body | {"password": "short"})).json()["code"] == "password.weak"
    assert (await admin.post("/api/users", json=body | {"role": "patrol"})).json()["code"] == "user.force_missing"
    assert (await admin.post("/api/users", json=body | {"sources": ["moon"]})).json()["code"] == "source.unknown"
    added = await admin.post("/api/users", json=body, headers={"Idempotency-Key": "once"})
    assert (added.status_code, added.json()["scope"]) == (201, WEST[-9:])
    assert PASSWORD not in added.text and "argon2" not in added.text
    assert (await admin.post("/api/users", json=body)).json()["code"] == "user.exists"
    signed = {"username": "qian", "password": PASSWORD}
    assert (await admin.post("/api/session", json=signed)).status_code == 200
    renewed = await admin.post("/api/users/qian/password", json={"password": NEW, "reason": "忘记"})
    assert (renewed.status_code, renewed.text) == (204, "")
    assert (await admin.post("/api/session", json=signed)).status_code == 401
    async with store.transaction(Reach(scope=ROOT)) as session:
        kept = (await session.scalars(select(IdempotencyKey.body))).all()
        stored = await session.scalar(select(User.password_hash).where(User.username == "qian"))
    assert kept == [] and stored is not None and stored.startswith("$argon2id$")
    (told,) = (await auditor.get("/api/users", params={"words": "钱"})).json()["items"]
    assert (told["username"], told["has_password"]) == ("qian", True)
    log = (await auditor.get("/api/change-log", params={"subject": "qian"})).json()["items"]
    assert [entry["kind"] for entry in log] == ["user.password", "user.added"] and PASSWORD not in str(log)


async def test_a_token_is_shown_once_and_revoked_at_once(client_as: ClientAs, world: World) -> None:
    admin = client_as("admin")
    body = {"username": "hotline2", "display_name": "热线", "role": "source", "scope": ROOT, "sources": ["hotline"]}
    await admin.post("/api/users", json=body | {"reason": "接入"})
    made = await admin.post("/api/users/hotline2/tokens", json={"label": "正式", "days": 90, "reason": "接入"})
    token = made.json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await admin.get("/api/me", headers=bearer)).json()["username"] == "hotline2"
    listed = await admin.get("/api/users/hotline2/tokens")
    assert token not in listed.text
    (one,) = listed.json()["items"]
    person = await admin.post("/api/users/operator/tokens", json={"reason": "不应给"})
    assert (person.status_code, person.json()["code"]) == (409, "token.person")
    revoke = f"/api/users/hotline2/tokens/{one['id']}/revoke"
    assert (await admin.post(revoke, json={"reason": "停用"})).status_code == 204
    assert (await admin.get("/api/me", headers=bearer)).status_code == 401
    assert (await admin.post(revoke, json={"reason": "停用"})).json()["code"] == "token.unknown"


async def test_accounts_are_edited_locked_and_signed_out(client_as: ClientAs, world: World) -> None:
    admin, clerk = client_as("admin"), client_as("clerk")
    why = {"reason": "岗位变动"}
    last = await admin.post("/api/users/admin/disable", json=why)
    assert (last.status_code, last.json()["code"]) == (409, "user.last_admin")
    edited = await admin.patch("/api/users/Clerk", json=why | {"display_name": "窗口一", "sources": ["window"]})
    assert (edited.json()["display_name"], edited.json()["sources"]) == ("窗口一", ["window"])
    nowhere = await admin.patch("/api/users/clerk", json=why | {"scope": "999"})
    assert (nowhere.status_code, nowhere.json()["params"]["errors"]) == (422, [{"field": "scope", "code": "unknown"}])
    assert (await admin.patch("/api/users/clerk", json=why | {"force": "none"})).json()["code"] == "force.unknown"
    assert (await admin.post("/api/users/clerk/sign-out", json=why)).json() == {"sessions": 0}
    assert (await clerk.get("/api/me")).status_code == 200
    assert (await admin.post("/api/users/clerk/disable", json=why)).json()["disabled_at"]
    assert (await clerk.get("/api/me")).status_code == 401
    assert (await admin.post("/api/users/clerk/enable", json=why)).json()["disabled_at"] is None
    assert (await admin.post("/api/users/nobody/disable", json=why)).json()["code"] == "user.unknown"
    foreign = await admin.post("/api/users/clerk/disable", json=why, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
