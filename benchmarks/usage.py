"""What the three processes of a running demo use, looked at from outside."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil

PROCESSES = ("server", "overlay", "capture")
_EVERY = 0.5


@dataclass(slots=True)
class Usage:
    """What was seen, by a process's name.

    ``memory`` is the highest resident memory in bytes, ``together`` that of all at once. ``processor`` holds (Unix
    time, processor seconds since the process began).
    """

    together: int = 0
    memory: Counter[str] = field(default_factory=Counter[str])
    processor: dict[str, list[tuple[float, float]]] = field(default_factory=dict[str, list[tuple[float, float]]])

    def see(self, name: str, at: float, memory: int, seconds: float) -> None:
        """Takes one look at a process into account."""
        self.memory[name] = max(self.memory[name], memory)
        self.processor.setdefault(name, []).append((at, seconds))

    def share(self, name: str, since: float, until: float) -> float | None:
        """How much of one core it used between two Unix times; None when it was not seen twice between them."""
        seen = [look for look in self.processor.get(name, []) if since <= look[0] <= until]
        if len(seen) < 2:  # noqa: PLR2004 - a share needs a beginning and an end
            return None
        (began, first), (ended, last) = seen[0], seen[-1]
        return (last - first) / (ended - began)


def watch(process: psutil.Process, usage: Usage, stop: threading.Event) -> None:
    """Looks at the children of ``process`` twice a second until ``stop``; it may end at any time."""
    while not stop.wait(_EVERY):
        together = 0
        try:
            children = process.children(recursive=True)
        except psutil.Error:
            continue
        for child in children:
            try:
                words = child.cmdline()
                name = next((word for word in PROCESSES if word in words), "")
                if not name:
                    continue
                memory, times = child.memory_info().rss, child.cpu_times()
            except psutil.Error:
                continue
            together += memory
            usage.see(name, time.time(), memory, times.user + times.system)
        usage.together = max(usage.together, together)
