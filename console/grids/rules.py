"""Posts in grids, lists of services, and who may set them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from geo.errors import ErrorKind, MaplebridgeError


class Post(StrEnum):
    """Posts in a grid: 网格长, 网格员, 兼职网格员, and the secretary of its party branch 党支部书记."""

    LEADER = "leader"
    WORKER = "worker"
    ASSISTANT = "assistant"
    SECRETARY = "secretary"


class Verdict(StrEnum):
    """Whether a grid worker may be asked for a service: 准入 or 禁入."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"


class ServiceTwice(MaplebridgeError):
    """A list has a service twice. `params`: `title`."""

    code = "grid.service_twice"
    kind = ErrorKind.INVALID


class GridDayOver(MaplebridgeError):
    """The first day is over, and history is not rewritten. `params`: `day`, `today`."""

    code = "grid.day_over"
    kind = ErrorKind.INVALID


class NotAGrid(MaplebridgeError):
    """Branches and posts are those of grids, and the division is none. `params`: `level`."""

    code = "grid.not_a_grid"
    kind = ErrorKind.INVALID


class PostTaken(MaplebridgeError):
    """The worker has this post in this grid already on some of these days. Way out: end that one first."""

    code = "grid.post_taken"
    kind = ErrorKind.CONFLICT


class TooManyPosts(MaplebridgeError):
    """The worker would have more posts at a time than the pack allows. `params`: `most`, `posts`, those they have.

    Way out: end one of them, or name somebody else.
    """

    code = "grid.too_many_posts"
    kind = ErrorKind.CONFLICT


class PostEnded(MaplebridgeError):
    """The post has ended, or would end before it began."""

    code = "grid.post_ended"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class Service:
    """A service, the verdict on it, and what that rests on."""

    title: str
    verdict: Verdict
    basis: str = ""


@dataclass(frozen=True, slots=True)
class ServiceInForce:
    """A service that holds in a division, with the code of the division whose list says so."""

    service: Service
    division: str


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post from its first day until the day before `until`."""

    id: int
    force_id: int
    grid: str
    post: Post
    first_day: date
    until: date | None


def check_list(services: Sequence[Service]) -> None:
    """Raise `ServiceTwice` for a list that has a service twice."""
    seen = set()
    for service in services:
        if plain(service.title) in seen:
            raise ServiceTwice(title=service.title)
        seen.add(plain(service.title))


def plain(title: str) -> str:
    """Return a title as titles are compared."""
    return "".join(title.split()).casefold()


def services_in_force(lists: Iterable[tuple[str, Sequence[Service]]]) -> list[ServiceInForce]:
    """Merge the lists of a division and of those above it, given from the top down with their codes.

    What one of them forbids is forbidden, whatever others say; else the first that says something counts.
    """
    found: dict[str, ServiceInForce] = {}
    for division, services in lists:
        for service in services:
            known = found.get(plain(service.title))
            if known is None or (service.verdict is Verdict.FORBIDDEN and known.service.verdict is Verdict.ALLOWED):
                found[plain(service.title)] = ServiceInForce(service, division)
    return sorted(found.values(), key=lambda one: (one.service.verdict, one.service.title))


def require_free(held: Sequence[HeldPost], new: HeldPost, *, most: int) -> None:
    """Raise `PostTaken` or `TooManyPosts` unless a worker who holds these posts can have a new one as well."""
    beside = [one for one in held if overlap(one, new)]
    if any((one.grid, one.post) == (new.grid, new.post) for one in beside):
        raise PostTaken
    days = [new.first_day, *(one.first_day for one in beside if one.first_day > new.first_day)]
    for day in days:
        at_once = [one for one in beside if on_day(one, day)]
        if len(at_once) >= most:
            raise TooManyPosts(most=most, posts=[{"grid": one.grid, "post": one.post.value} for one in at_once])


def overlap(one: HeldPost, other: HeldPost) -> bool:
    """Return whether two posts have a day in common."""
    return (one.until is None or one.until > other.first_day) and (other.until is None or other.until > one.first_day)


def on_day(post: HeldPost, day: date) -> bool:
    """Return whether a post is held on a day."""
    return post.first_day <= day and (post.until is None or post.until > day)


def require_not_over(day: date, *, today: date) -> None:
    """Raise `GridDayOver` for a first day that is over."""
    if day < today:
        raise GridDayOver(day=day.isoformat(), today=today.isoformat())


def shared(posts: Iterable[HeldPost]) -> Mapping[int, list[HeldPost]]:
    """Return the posts of workers who have several 一人两岗, by force."""
    found: dict[int, list[HeldPost]] = {}
    for post in posts:
        found.setdefault(post.force_id, []).append(post)
    return {force: held for force, held in sorted(found.items()) if len(held) > 1}
