"""Terms of views of cameras 视频调阅 (`[viewing]` in a pack): authorisation by level 分级授权."""

from typing import Annotated

from pydantic import Field

from geo.terms import Code, Part
from layers.divisions.terms import LevelName

Minutes = Annotated[int, Field(ge=1, le=1440)]
CameraLevel = Annotated[int, Field(ge=1, le=3)]
RoleName = Annotated[str, Field(pattern=r"^[a-z_]+$")]


class ViewingRule(Part):
    """Who may view which cameras, for which incidents, and how long without being asked. An empty list is all.

    `roles` are roles of accounts, `at` levels of the divisions that they sign in for, `to` classes or categories.
    """

    roles: Annotated[tuple[RoleName, ...], Field(min_length=1)]
    minutes: Minutes
    owners: tuple[str, ...] = ()
    levels: tuple[CameraLevel, ...] = ()
    at: tuple[LevelName, ...] = ()
    to: tuple[Code, ...] = ()


class ViewingTerms(Part):
    """Nobody views a camera without a rule. What is beyond the rules, one of the roles `approvers` may approve, for
    `approved_minutes` at most, to a role that some rule names.
    """

    rules: tuple[ViewingRule, ...] = ()
    approvers: tuple[RoleName, ...] = ()
    approved_minutes: Minutes = 240
