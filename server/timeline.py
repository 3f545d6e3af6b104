"""The audio of one call as the server received it: what was heard until when, what is missing, what came twice."""

import msgspec

from live_sentiment.events import CHANNELS, FRAME_SECONDS, AudioFrame, Channel, Gap

_TOLERANCE = FRAME_SECONDS / 2
_HAIR = 1e-6
"""Seconds; less than a sample, more than the error of adding times."""


class Timeline:
    """Where each channel stands, in seconds since the call started. ``heard`` is where a resumed call goes on."""

    def __init__(self, heard: float = 0.0) -> None:
        self._heard: dict[Channel, float] = dict.fromkeys(CHANNELS, heard)
        self._missing: dict[Channel, str] = {}

    @property
    def newest(self) -> float:
        """The newest audio of any channel."""
        return max(self._heard.values())

    def interrupted(self, cause: str) -> None:
        """Audio will be missing from here on; the next frame of each channel tells how much."""
        for channel in CHANNELS:
            self._missing.setdefault(channel, cause)

    def told(self, gap: Gap) -> Gap | None:
        """The capture itself reports missing audio, which then needs no gap from here.

        Returns what of it is new: a capture that comes back repeats what it is not sure has arrived.
        """
        channels: tuple[Channel, ...] = CHANNELS if gap.channel is None else (gap.channel,)
        new: list[Channel] = [channel for channel in channels if gap.end > self._heard[channel] + _HAIR]
        if not new:
            return None
        start = max(gap.start, min(self._heard[channel] for channel in new))
        for channel in new:
            self._heard[channel] = gap.end
        return msgspec.structs.replace(gap, start=start, channel=gap.channel if len(new) == len(channels) else new[0])

    def admit(self, frame: AudioFrame) -> tuple[bool, Gap | None]:
        """Whether the frame is new, and the gap before it when the channel had been interrupted."""
        heard = self._heard[frame.channel]
        if frame.start < heard - _TOLERANCE:
            return False, None
        self._heard[frame.channel] = frame.end
        cause = self._missing.pop(frame.channel, None)
        if cause is None or frame.start < heard + _TOLERANCE:
            return True, None
        return True, Gap(at=frame.start, start=heard, end=frame.start, cause=cause, channel=frame.channel)

    def close(self, at: float) -> list[Gap]:
        """The gaps that last until the call's end."""
        return [
            Gap(at=at, start=self._heard[channel], end=at, cause=cause, channel=channel)
            for channel, cause in self._missing.items()
            if at > self._heard[channel] + _TOLERANCE
        ]
