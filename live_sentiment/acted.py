"""Whether agents do what a cue advised: told once a cue, from what is said after it.

Here lives the watch over the cues that were given; what happened in the call is remembered in ``cue_triggers``.
"""

from live_sentiment.cue_triggers import CallMemory
from live_sentiment.events import Cue, CueOutcome
from live_sentiment.playbook_rules import Playbook

ACTED_WITHIN = 10.0
"""Seconds after a cue has left the screen in which what it advised still counts as done because of it."""
_HEARD_LATE = 5.0
"""Seconds by which words may be known later than they were said."""


class ActedWatch:
    """The cues of one call that may yet be acted upon. ``memory`` is told of each event first."""

    def __init__(self, playbook: Playbook, memory: CallMemory) -> None:
        self._wanted = {rule.id: rule.done or rule.unless for rule in playbook.rules}
        self._memory = memory
        self._open: dict[str, Cue] = {}

    def watch(self, cue: Cue) -> None:
        """A cue was given."""
        if self._wanted.get(cue.rule) is not None:
            self._open[cue.cue_id] = cue

    def answered(self, outcome: CueOutcome) -> None:
        """A cue that the agent did not want is not acted upon, whatever follows."""
        if outcome.outcome in {"dismissed", "muted", "acted"}:
            self.unwatch(outcome.cue_id)

    def unwatch(self, cue_id: str) -> None:
        """A cue was answered, or never seen."""
        self._open.pop(cue_id, None)

    def seen(self) -> tuple[CueOutcome, ...]:
        """The cues that were acted upon by what happened last."""
        now = self._memory.now
        acted = [cue for cue in self._open.values() if self._did(cue)]
        self._open = {
            cue_id: cue
            for cue_id, cue in self._open.items()
            if cue not in acted and now <= cue.expires_at + ACTED_WITHIN + _HEARD_LATE
        }
        return tuple(CueOutcome(at=now, cue_id=cue.cue_id, outcome="acted") for cue in acted)

    def _did(self, cue: Cue) -> bool:
        wanted = self._wanted[cue.rule]
        return wanted is not None and self._memory.did(wanted, cue.at, cue.expires_at + ACTED_WITHIN)
