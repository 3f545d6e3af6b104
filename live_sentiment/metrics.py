"""Who speaks how much: talk times, overlap, silence, turns and pace, from voice activity and word counts.

Here live numbers only, never a mood: the agent's loudness, pace and overlap are shown as numbers. Whether a number
deserves a cue is the playbook's business. There is no clock: frames and words carry their own call time.
"""

from collections import deque
from dataclasses import dataclass, field

from live_sentiment.events import CHANNELS, Channel, ConversationMetrics


@dataclass(frozen=True, slots=True)
class MeterConfig:
    """What counts as a pause, a backchannel and enough speech; all in seconds.

    Agent pauses shorter than ``turn_pause`` and customer speech shorter than ``backchannel`` ("yes", "hm") do not end
    the agent's turn. ``pace_window`` is how far back the pace looks, ``pace_speech`` how much speech it needs there.
    A hole of ``hole`` seconds between two frames (a pause, lost audio) is not silence: nobody knows what was in it.
    """

    turn_pause: float = 1.0
    backchannel: float = 1.0
    pace_window: float = 60.0
    pace_speech: float = 5.0
    hole: float = 1.0
    keep: float = 10.0


@dataclass(slots=True)
class _Lane:
    """One channel: seconds heard and spoken, the end of its newest frame, and its latest stretches of speech."""

    heard: float = 0.0
    talk: float = 0.0
    end: float = 0.0
    heard_since: float = 0.0
    speech_end: float = -1.0
    stretches: deque[list[float]] = field(default_factory=deque[list[float]])


_TOUCHING = 0.02
"""Frames this close in seconds are one stretch; less than a frame, more than rounding."""


class ConversationMeter:
    """Counts one call. For one thread.

    Each channel's frames come in order; the channels may interleave in any way, up to about a second apart. Overlap is
    counted when the later of two simultaneous frames arrives, so each pair counts exactly once.
    """

    def __init__(self, config: MeterConfig | None = None) -> None:
        self._config = config or MeterConfig()
        self._lanes: dict[Channel, _Lane] = {channel: _Lane() for channel in CHANNELS}
        self._agent, self._customer = self._lanes["agent"], self._lanes["customer"]
        self._overlap = 0.0
        self._turn_start: float | None = None
        self._words: deque[tuple[int, float, float]] = deque()

    def frame(self, channel: Channel, start: float, end: float, speech: bool) -> None:  # noqa: FBT001 - a frame's own property, set by the VAD
        """Takes one frame's verdict: from ``start`` to ``end`` (seconds in the call) ``channel`` spoke or not."""
        lane = self._lanes[channel]
        if not lane.heard or start - lane.end > self._config.hole:
            lane.heard_since = start
        lane.heard += end - start
        lane.end = end
        if not speech:
            return
        lane.talk += end - start
        other = self._customer if lane is self._agent else self._agent
        self._overlap += _shared(other.stretches, start, end)
        if lane is self._agent:
            self._follow_turn(start)
        self._extend(lane, start, end)
        if lane is self._customer and end - lane.stretches[-1][0] > self._config.backchannel:
            self._turn_start = None

    def words(self, channel: Channel, count: int, start: float, end: float) -> None:
        """Takes a final: ``count`` words spoken from ``start`` to ``end``. The customer's are not counted."""
        if channel == "agent" and end > start:
            self._words.append((count, start, end))

    def recall(self, metrics: ConversationMetrics) -> None:
        """Goes on from the totals of an earlier meter of the same call."""
        self._agent.talk, self._customer.talk = metrics.agent_talk, metrics.customer_talk
        self._overlap = metrics.overlap
        heard = metrics.silence + metrics.agent_talk + metrics.customer_talk - metrics.overlap
        self._agent.heard = self._customer.heard = heard

    def snapshot(self, at: float) -> ConversationMetrics:
        """The numbers at call time ``at`` in seconds."""
        agent, customer = self._agent, self._customer
        spoken = agent.talk + customer.talk
        union = spoken - self._overlap
        return ConversationMetrics(
            at=at,
            agent_talk=agent.talk,
            customer_talk=customer.talk,
            overlap=self._overlap,
            silence=max(0.0, max(agent.heard, customer.heard) - union),
            talk_ratio=agent.talk / spoken if spoken > 0 else None,
            dead_air=self._dead_air(at),
            monologue=self._monologue(),
            pace=self._pace(at),
        )

    def _extend(self, lane: _Lane, start: float, end: float) -> None:
        stretches = lane.stretches
        if stretches and start - stretches[-1][1] <= _TOUCHING:
            stretches[-1][1] = end
        else:
            stretches.append([start, end])
            while stretches[0][1] < start - self._config.keep:
                stretches.popleft()
        lane.speech_end = end

    def _follow_turn(self, start: float) -> None:
        """Begins a new turn when the agent's pause was a real one: longer than allowed, backchannels not counted."""
        since = self._agent.speech_end
        allowed = self._config.turn_pause
        if self._turn_start is not None and start - since > allowed:
            allowed += _shared(self._customer.stretches, since, start)
        if self._turn_start is None or start - since > allowed:
            self._turn_start = start

    def _monologue(self) -> float:
        agent = self._agent
        if self._turn_start is None or agent.end - agent.speech_end > self._config.turn_pause:
            return 0.0
        return agent.speech_end - self._turn_start

    def _dead_air(self, at: float) -> float:
        """Seconds since anybody spoke, as far as both were listened to without a hole."""
        lanes = [lane for lane in self._lanes.values() if lane.heard]
        if not lanes or any(at - lane.end > self._config.hole for lane in lanes):
            return 0.0  # a channel is not heard at the moment: nobody knows whether it is silent
        last = max(max(lane.speech_end, lane.heard_since) for lane in lanes)
        return max(0.0, at - last)

    def _pace(self, at: float) -> float | None:
        """Words per minute of the agent's own speaking time; utterances partly in the window count in part."""
        oldest = at - self._config.pace_window
        while self._words and self._words[0][2] <= oldest:
            self._words.popleft()
        seconds = words = 0.0
        for count, start, end in self._words:
            inside = end - max(start, oldest)
            seconds += inside
            words += count * inside / (end - start)
        return words / seconds * 60.0 if seconds >= self._config.pace_speech else None


def _shared(stretches: deque[list[float]], start: float, end: float) -> float:
    """Seconds that ``stretches`` (in order) have in common with the time from ``start`` to ``end``."""
    shared = 0.0
    for from_, to in reversed(stretches):
        if to <= start:
            break
        if from_ < end:
            shared += min(to, end) - max(from_, start)
    return shared
