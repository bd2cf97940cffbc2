"""Debian's Chromium, and how it is started: without a window, and calling nobody of its own accord."""

import os
from pathlib import Path

from playwright.async_api import Browser, Playwright

CHROMIUM = Path("/usr/bin/chromium")
START_MS = 120_000

WORDS = (
    # WebGL by software, where there is no graphics card: Mesa's llvmpipe, which keeps what it has compiled for the next
    # page and browser. Chromium's own SwiftShader compiles the map's shaders anew for each page.
    "--use-angle=gl-egl",
    "--ignore-gpu-blocklist",
    # Software that draws a page draws what has changed; software that plays a graphics card draws all of it.
    "--disable-gpu-compositing",
    "--disable-quic",
    # A microphone that beeps, and nobody who has to allow it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


async def launched(playwright: Playwright) -> Browser:
    """A browser. Chromium's sandbox does not start for root, who has none in a container either."""
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return await playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*WORDS, *sandbox], headless=True, timeout=START_MS
    )
