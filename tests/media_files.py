"""Photos and recordings as phones send them, made in memory."""

from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID

import av
import httpx
import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

SECRET = b"planted-words"
XMP = b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>planted-words</x:xmpmeta>"
RATE = 48_000


def attachment_id(n: int) -> UUID:
    """A UUIDv7 of the test's own."""
    return UUID(f"0195f000-0000-7000-8000-{n:012d}")


@cache
def photo(shade: int = 90, *, size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG with a place, words in a comment and in XMP, and a second picture behind the first."""
    image, second = Image.new("RGB", size, (shade, 120, 60)), Image.new("RGB", (64, 48), "red")
    exif = Image.Exif()
    exif[0x010F], exif[0x010E] = "Maker", SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (IFDRational(31), IFDRational(6), IFDRational(30)), 3: "E"})
    out = BytesIO()
    image.save(out, "MPO", save_all=True, append_images=[second], exif=exif, comment=SECRET)
    content = out.getvalue()
    segment = b"\xff\xe1" + (len(XMP) + 2).to_bytes(2, "big") + XMP
    return content[:2] + segment + content[2:]


@cache
def png(width: int, height: int) -> bytes:
    """A picture of one colour: a small file, however large it is."""
    out = BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


@cache
def recording(container: str = "webm", codec: str = "libopus", *, seconds: float = 1.0) -> bytes:
    """A tone, as browsers record one; its tags have words."""
    out = BytesIO()
    with av.open(out, "w", format=container) as target:
        target.metadata["title"] = SECRET.decode()
        stream = target.add_stream(codec, rate=RATE, layout="mono")
        wave = (np.sin(np.arange(int(RATE * seconds)) * 0.06) * 12_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None, :], format="s16", layout="mono")
        frame.sample_rate = RATE
        size = 960 if codec == "libopus" else 1024
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=RATE, frame_size=size)
        for part in (*resampler.resample(frame), *resampler.resample(None), None):
            target.mux(stream.encode(part))
    return out.getvalue()


async def attached(client: httpx.AsyncClient, content: bytes, **said: Any) -> httpx.Response:
    """Send an attachment; a photo from the camera unless it is said otherwise."""
    fields = {"kind": "photo", "origin": "camera"} | {name: str(value) for name, value in said.items()}
    return await client.post("/api/attachments", data=fields, files={"file": ("../../x.jpg", content, "text/html")})
