"""Speaks the demo call: ``script.toml`` in, a two-channel FLAC and its turns as JSON out.

Run by ``make demo-call``; needs Debian's ``flite``. The same script always gives the same samples: the voices are
deterministic and the hiss comes from a fixed seed. Nothing of this runs when Spiegel runs; the results lie beside
``audio_capture.demo_call``, which knows where to find them.
"""  # noqa: INP001 - a script beside its text, not a module anybody imports

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
OUT = HERE.parent.parent / "audio_capture" / "demo"
CHANNELS = ("agent", "customer")
SEED = 20_261
EDGE_DB = -45.0
"""Quieter than this below a sentence's peak counts as the silence around it, which is cut off."""
FADE_SECONDS = 0.008
STEP = 8
"""A telephone line carries 13 bits; the three lowest of 16 stay zero, which halves the file."""


@dataclass(frozen=True)
class Turn:
    """A line of the script, spoken: ``start`` in samples of the call, ``samples`` at the call's rate."""

    line: dict[str, Any]
    start: int
    samples: Samples

    @property
    def end(self) -> int:
        """Just after the last sample."""
        return self.start + self.samples.size


def main() -> None:
    """Writes the FLAC and the JSON."""
    script = tomllib.loads((HERE / "script.toml").read_text(encoding="utf-8"))
    flite = shutil.which("flite")
    if flite is None:
        sys.exit("flite is missing. Install it with: apt-get install flite")
    turns = place(script, [speak(flite, script, line) for line in script["lines"]])
    call = mix(script, turns)
    OUT.mkdir(parents=True, exist_ok=True)
    flac = OUT / "demo_call.flac"
    soundfile.write(flac, call, script["sample_rate"], subtype="PCM_16", format="FLAC", compression_level=1.0)
    (OUT / "demo_call.json").write_text(json.dumps(describe(script, turns), indent=1) + "\n", encoding="utf-8")
    seconds = call.shape[0] / script["sample_rate"]
    print(f"{flac}: {seconds:.1f} s, {flac.stat().st_size / 1024:.0f} KiB")  # noqa: T201 - says what it made


def speak(flite: str, script: dict[str, Any], line: dict[str, Any]) -> Samples:
    """One line of the script at the call's rate and level, its sentences with a pause between them."""
    rate = script["sample_rate"]
    voice = {**script["voices"][line["channel"]], **line}
    pause = np.zeros(round(script["sentence_pause"] * rate))
    parts: list[Samples] = []
    for sentence in re.split(r"(?<=[.?!])\s+", line["text"].strip()):
        parts += [pause, trimmed(synthesise(flite, voice, sentence, rate), rate)]
    samples = band_passed(np.concatenate(parts[1:]), rate, script["band"])
    spoken = samples[np.abs(samples) > np.abs(samples).max() * 10 ** (EDGE_DB / 20)]
    level = script["level"] + line.get("gain", 0.0)
    return samples * 10 ** (level / 20) / np.sqrt(np.mean(spoken**2))


def synthesise(flite: str, voice: dict[str, Any], sentence: str, rate: int) -> Samples:
    """What flite says, resampled to ``rate``."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "sentence.wav"
        stretch = f"duration_stretch={voice['stretch']}"
        subprocess.run(  # noqa: S603 - Debian's flite, with our own words
            [flite, "-voice", voice["voice"], "--setf", stretch, "-t", sentence, "-o", str(wav)], check=True
        )
        samples, spoken_rate = soundfile.read(wav, dtype="float64")
    return soxr.resample(samples, spoken_rate, rate, quality="VHQ")


def trimmed(samples: Samples, rate: int) -> Samples:
    """Without the silence around the sentence; both ends fade, so that nothing clicks."""
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 10 ** (EDGE_DB / 20))
    margin = round(0.03 * rate)
    cut = samples[max(0, loud[0] - margin) : loud[-1] + margin].copy()
    fade = np.linspace(0.0, 1.0, round(FADE_SECONDS * rate))
    cut[: fade.size] *= fade
    cut[-fade.size :] *= fade[::-1]
    return cut


def band_passed(samples: Samples, rate: int, band: tuple[float, float]) -> Samples:
    """Only what a telephone lets through, with soft edges of 100 Hz and no delay."""
    size = samples.size + rate // 4
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    low = np.clip((frequencies - band[0] + 50) / 100, 0, 1)
    high = np.clip((band[1] + 50 - frequencies) / 100, 0, 1)
    return np.fft.irfft(np.fft.rfft(samples, size) * low * high, size)[: samples.size]


def place(script: dict[str, Any], spoken: list[Samples]) -> list[Turn]:
    """Each line at its time; a backchannel does not move the lines after it."""
    rate = script["sample_rate"]
    turns: list[Turn] = []
    end = round(script["lead_in"] * rate)
    for line, samples in zip(script["lines"], spoken, strict=True):
        turn = Turn(line, end + round(line["gap"] * rate), samples)
        turns.append(turn)
        end = end if line.get("backchannel") else turn.end
    return turns


def mix(script: dict[str, Any], turns: list[Turn]) -> NDArray[np.int16]:
    """The call as int16, shape (samples, 2): left the agent, right the customer."""
    rate = script["sample_rate"]
    length = max(turn.end for turn in turns) + round(script["lead_out"] * rate)
    random = np.random.default_rng(SEED)
    hiss = np.column_stack([band_passed(random.standard_normal(length), rate, script["band"]) for _ in CHANNELS])
    call = hiss * 10 ** (script["noise"] / 20) / np.sqrt(np.mean(hiss**2))
    for turn in turns:
        call[turn.start : turn.end, CHANNELS.index(turn.line["channel"])] += turn.samples
    peak = float(np.abs(call).max())
    if peak >= 1.0:
        sys.exit(f"the speech clips (peak {peak:.2f}): lower `level` in script.toml")
    return (np.round(call * 4095) * STEP).astype(np.int16)


def describe(script: dict[str, Any], turns: list[Turn]) -> list[dict[str, Any]]:
    """What is said when, in seconds of the call, in order of time."""
    rate = script["sample_rate"]
    return [
        {
            "channel": turn.line["channel"],
            "text": turn.line["text"],
            "start": round(turn.start / rate, 3),
            "end": round(turn.end / rate, 3),
            "sentiment": turn.line.get("sentiment"),
            "backchannel": bool(turn.line.get("backchannel")),
        }
        for turn in sorted(turns, key=lambda turn: turn.start)
    ]


if __name__ == "__main__":
    main()
