"""Open incidents on an exported view: their colours by urgency, as in the hall, and their list. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from api.http.language import Lang
from api.http.view_export.words import WORDS
from api.place.pack import Pack
from console.feed.bodies import Body
from console.flow.terms import REGISTERED
from layers.view_export import Feature, Listing, StyledFeatures

SOON_SHARE = 0.34
"""The last share of the first-response time, in which an incident is due soon, as on the screens."""

COLOURS = MappingProxyType({"now": "#ff6b66", "soon": "#f2b04a", "wait": "#d6e0e8", "served": "#6eb0ff"})
"""By urgency, the most urgent first, as in the hall."""
RIM = "#0a1016"
MOST_LISTED = 300


def urgency_of(body: Body, *, now: datetime, top_risk: str) -> str:
    """Return a key of `COLOURS`: a force is on it, it is late or of the highest risk, due soon, or in time."""
    if body["status"] != REGISTERED:
        return "served"
    registered, due = (datetime.fromisoformat(body[name]) for name in ("registered_at", "first_due_at"))
    if due <= now or body["risk"] == top_risk:
        return "now"
    return "soon" if due - now <= (due - registered) * SOON_SHARE else "wait"


@dataclass(frozen=True, slots=True)
class IncidentDrawing:
    """Draws and lists incidents in one language. `villages`: names by code."""

    pack: Pack
    lang: Lang
    now: datetime
    villages: Mapping[str, str]

    @property
    def words(self) -> Mapping[str, str]:
        return WORDS[self.lang]

    def layers(self, bodies: Sequence[Body]) -> list[StyledFeatures]:
        """Return one style for each urgency, the least urgent first, so that the most urgent lies on top."""
        found = {
            urgency: StyledFeatures(
                name=self.words[urgency],
                group=self.words["incidents"],
                features=[self._feature(each, urgency) for each in bodies if self._urgency(each) == urgency],
                colour=colour,
                outline=colour if urgency == "served" else RIM,
                fill=0.25 if urgency == "served" else 0.95,
                weight=2 if urgency == "served" else 1.5,
                radius=7,
                tooltip={name: self.words[name] for name in ("category", "status", "risk", "code")},
            )
            for urgency, colour in COLOURS.items()
        }
        return [found[urgency] for urgency in reversed(COLOURS)]

    def listing(self, bodies: Sequence[Body]) -> Listing:
        """List the most urgent first, then by the time of the first response."""
        order = [*COLOURS]
        ordered = sorted(bodies, key=lambda body: (order.index(self._urgency(body)), body["first_due_at"], body["id"]))
        names = ("registered_at", "category", "risk", "status", "place", "code")
        left = len(bodies) - MOST_LISTED
        return Listing(
            title=f"{self.words['list']} ({len(bodies)})",
            headings=[self.words[name] for name in names],
            rows=[self._row(body) for body in ordered[:MOST_LISTED]],
            more=self.words["more"].format(n=left) if left > 0 else "",
        )

    def _urgency(self, body: Body) -> str:
        return urgency_of(body, now=self.now, top_risk=self.pack.incidents.risks[-1].code)

    def _row(self, body: Body) -> list[str]:
        at = datetime.fromisoformat(body["registered_at"]).astimezone(self.pack.zone)
        said = self._said(body)
        place = self.villages.get(body["division"] or "", "")
        grade = said["risk"].partition(" · ")[0]  # A pack may name after it who is to settle it.
        return [f"{at:%m-%d %H:%M}", said["category"], grade, said["status"], place, said["code"]]

    def _said(self, body: Body) -> dict[str, str]:
        terms = self.pack.incidents
        categories = {each.code: getattr(each.names, self.lang) for each in terms.categories}
        risks = {each.code: getattr(each.names, self.lang) for each in terms.risks}
        return {
            "category": categories.get(body["category"], body["category"]),
            "status": self.words.get(body["status"], body["status"]),
            "risk": risks.get(body["risk"], body["risk"]),
            "code": body["case_code"],
        }

    def _feature(self, body: Body, urgency: str) -> Feature:
        drawn: dict[str, Any] = {"bunch": [*COLOURS].index(urgency), "colour": COLOURS[urgency]}
        point = {"type": "Point", "coordinates": [body["lon"], body["lat"]]}
        return {"type": "Feature", "id": body["id"], "geometry": point, "properties": self._said(body) | drawn}
