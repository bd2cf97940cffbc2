"""Who may do what: roles, permissions, and the actor that every action is told of. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from geo.errors import MaplebridgeError
from geo.store import Reach


class Forbidden(MaplebridgeError):
    """The actor's role lacks the permission."""

    code = "access.forbidden"


class Permission(StrEnum):
    """What a role may grant. Reading is always confined to the actor's scope by the store itself."""

    VIEW_HALL = "hall.view"
    VIEW_WALL = "wall.view"
    READ_INCIDENTS = "incidents.read"
    REPORT_INCIDENTS = "incidents.report"
    EDIT_INCIDENTS = "incidents.edit"
    DISPATCH = "tasks.dispatch"
    ANSWER_OWN_TASKS = "tasks.answer_own"
    ANSWER_ANY_TASK = "tasks.answer_any"
    REPORT_OWN_POSITION = "positions.report_own"
    REPORT_ANY_POSITION = "positions.report_any"
    READ_FORCES = "forces.read"
    EDIT_FORCES = "forces.edit"
    READ_LAYERS = "layers.read"
    IMPORT = "layers.import"
    MANAGE_USERS = "users.manage"


_READER = frozenset({Permission.VIEW_HALL, Permission.VIEW_WALL, Permission.READ_INCIDENTS, Permission.READ_FORCES,
                     Permission.READ_LAYERS})  # fmt: skip

ROLES = MappingProxyType(
    {
        "operator": _READER
        | {Permission.REPORT_INCIDENTS, Permission.EDIT_INCIDENTS, Permission.DISPATCH, Permission.EDIT_FORCES},
        "patrol": frozenset({Permission.ANSWER_OWN_TASKS, Permission.REPORT_OWN_POSITION, Permission.READ_LAYERS}),
        "planner": frozenset({Permission.READ_LAYERS, Permission.IMPORT, Permission.VIEW_WALL}),
        "clerk": frozenset({Permission.REPORT_INCIDENTS, Permission.READ_INCIDENTS, Permission.READ_LAYERS}),
        "supervisor": _READER | {Permission.EDIT_INCIDENTS},
        "admin": frozenset({Permission.MANAGE_USERS, Permission.IMPORT, Permission.READ_LAYERS}),
        "auditor": frozenset({Permission.READ_INCIDENTS, Permission.READ_FORCES, Permission.READ_LAYERS}),
        "source": frozenset({Permission.REPORT_INCIDENTS}),
        "gateway": frozenset(
            {
                Permission.REPORT_ANY_POSITION,
                Permission.ANSWER_ANY_TASK,
                Permission.READ_FORCES,
                Permission.READ_INCIDENTS,
                Permission.READ_LAYERS,
            }
        ),
        "wall": frozenset({Permission.VIEW_WALL, Permission.READ_LAYERS}),
    }
)
"""Each role's permissions. `source`, `gateway` and `wall` are programs and screens, not people."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in user or a program, with the division whose subtree they may see."""

    user_id: int
    username: str
    role: str
    scope: str
    force_id: int | None = None

    @property
    def reach(self) -> Reach:
        return Reach(scope=self.scope, force_id=self.force_id)

    @property
    def sees_masked(self) -> bool:
        """A wall shows no personal data, whoever stands before it."""
        return self.role == "wall"

    def may(self, permission: Permission) -> bool:
        return permission in ROLES[self.role]

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the role has the permission."""
        if not self.may(permission):
            raise Forbidden(permission=permission)
