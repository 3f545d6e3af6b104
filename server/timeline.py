"""The audio of one call as the server received it: what was heard until when, what is missing, what came twice."""

from live_sentiment.events import CHANNELS, FRAME_SECONDS, AudioFrame, Channel, Gap

_TOLERANCE = FRAME_SECONDS / 2


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

    def told(self, gap: Gap) -> None:
        """The capture itself reports missing audio, which then needs no gap from here."""
        for channel in CHANNELS if gap.channel is None else (gap.channel,):
            self._heard[channel] = max(self._heard[channel], gap.end)

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
