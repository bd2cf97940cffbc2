"""Write a recording anew as MP3, which every browser plays. Runs in a sandboxed process.

Phones record MP4 or WebM, and each has browsers that play one of them not at all, or in silence. Sound that was decoded
is there, so the length is that of what can be heard; recordings of browsers state none. No tag comes along.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer

from ingest.files.job_runner import run_job
from ingest.files.problems import refuse

MOST_SECONDS = 600.0
LEAST_SECONDS = 0.2
RATE = 44_100
BITS_PER_SECOND = 64_000


def write_recording(job: Mapping[str, Any]) -> dict[str, float]:
    """Read the sound of `path` by the demuxer `format`, and write `recording`. Returns its `seconds`.

    No other demuxer is tried, and the file is read through a handle: some formats name other files.
    """
    with (
        Path(job["path"]).open("rb") as file,
        av.open(file, "r", format=job["format"]) as source,
        av.open(job["recording"], "w", format="mp3") as target,
    ):
        if source.streams.video or not source.streams.audio:
            raise refuse("no_recording")
        stream = target.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = BITS_PER_SECOND
        samples = _write(source.decode(source.streams.audio[0]), target, stream)
        if samples < LEAST_SECONDS * RATE:
            raise refuse("no_sound")
    return {"seconds": round(samples / RATE, 1)}


def _write(frames: Iterable[AudioFrame], target: OutputContainer, stream: AudioStream) -> int:
    """Encode all frames; return the number of samples."""
    resampler, samples = AudioResampler(format="s16p", layout="mono", rate=RATE), 0
    for frame in _resampled(frames, resampler):
        samples += frame.samples
        if samples > MOST_SECONDS * RATE:
            raise refuse("seconds", most=MOST_SECONDS)
        target.mux(stream.encode(frame))
    target.mux(stream.encode(None))
    return samples


def _resampled(frames: Iterable[AudioFrame], resampler: AudioResampler) -> Iterable[AudioFrame]:
    for frame in frames:
        frame.pts = None  # Recordings of browsers begin anywhere.
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


if __name__ == "__main__":
    sys.exit(run_job(write_recording))
