"""Gates: hold one call of one caller, before or after it takes effect, until the harness lets it go on or drops it.

So a test can do something at an exact moment between two calls of a function: kill it, start another, change the network.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

# Longer than any test takes: a harness that forgets a gate must not keep a connection for ever.
LONGEST_HOLD = 120.0


@dataclass
class Gate:
    """Holds the call of `access_key` that comes after `spared` others; of those named `action`, if that is given."""

    access_key: str
    action: str | None
    spared: int
    after: bool
    reached: threading.Event = field(default_factory=threading.Event)
    decided: threading.Event = field(default_factory=threading.Event)
    lets_through: bool = False

    def hold(self) -> bool:
        """Waits until it is decided; tells whether the call may go on."""
        self.reached.set()
        self.decided.wait(LONGEST_HOLD)
        return self.lets_through


class Gates:
    """All gates of an emulator; each holds one call at most."""

    def __init__(self) -> None:
        """Has none."""
        self._lock = threading.Lock()
        self._gates: list[Gate] = []

    def add(self, wish: dict) -> int:
        """Sets a gate up, and gives its number."""
        gate = Gate(wish["access_key"], wish.get("action"), int(wish.get("spared", 0)), bool(wish.get("after")))
        with self._lock:
            self._gates.append(gate)
            return len(self._gates) - 1

    def is_reached(self, number: int) -> bool:
        """Whether a call has come to it."""
        return self._gates[number].reached.is_set()

    def decide(self, number: int, lets_through: bool) -> None:
        """Lets the call go on, or drops it; a call that comes later passes. The first decision stands."""
        gate = self._gates[number]
        with self._lock:
            if not gate.decided.is_set():
                gate.lets_through = lets_through
                gate.decided.set()

    def met(self, access_key: str, action: str) -> Gate | None:
        """The gate that holds this call, if any does."""
        with self._lock:
            for gate in self._gates:
                if gate.access_key != access_key or gate.action not in (None, action) or gate.spared < 0:
                    continue
                gate.spared -= 1
                if gate.spared < 0 and not gate.decided.is_set():
                    return gate
        return None
