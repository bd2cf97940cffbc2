"""The video platform of the settings: links to its cameras."""

from api.settings import Settings
from console.viewing.linking import Platform


def platform_of(settings: Settings) -> Platform | None:
    """Return the platform that the settings name, None without one."""
    if settings.video_link is None or settings.video_key is None:
        return None
    return Platform(settings.video_link, settings.video_key.get_secret_value().encode())
