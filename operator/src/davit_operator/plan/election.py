"""Who of several replicas leads: decided from what the lock says, and our own clock alone.

The clocks of two replicas are never compared. A lock counts as alive for so long after *we* saw it
change; a leader stops believing in itself earlier, counted from before it asked for its renewal.
What lies between both is what the clocks' speeds may differ by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

# A lock that nobody holds was given back: it may be taken at once.
NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Seconds: how long others respect a lock, how long its holder trusts it, how often it says so.

    They are those of Kubernetes' own components.
    """

    duration: float = 15.0
    renew_deadline: float = 10.0
    period: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What stands in the lock; ``version`` changes with each write, and orders them.

    It is empty where there is no lock. The two times are written for people: nobody compares them.
    """

    holder: str = NOBODY
    version: str = ""
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0


class Election:
    """One candidate's view. ``moment`` is always a time in seconds on its own steady clock."""

    def __init__(self, identity: str, terms: Terms) -> None:
        self.identity = identity
        self.terms = terms
        self.lock: Lock | None = None
        # When the lock was first seen as it is.
        self._since = 0.0
        # Whether a claim of ours was written and nobody else's seen since, and when it was sent.
        self._led = False
        self._renewed = 0.0

    def saw(self, lock: Lock | None, moment: float) -> None:
        """Take note of what stands there; None: there is no lock.

        One that was deleted may still be believed in by its holder: its time goes on.
        """
        known = self.lock
        if lock is None:
            if known is None or known.holder == NOBODY:
                self.lock, self._since = Lock(), moment
            else:
                self.lock = replace(known, version="")
            return
        if known is None or known.version != lock.version:
            self._since = moment
        self.lock = lock
        if lock.holder not in (NOBODY, self.identity):
            self._led = False

    def free_in(self, moment: float) -> float:
        """Return in how many seconds we may write the lock; 0: now."""
        lock = self.lock
        if lock is None or lock.holder in (NOBODY, self.identity):
            return 0.0
        return max(0.0, self._since + self.terms.duration - moment)

    def claim(self, now: str) -> Lock:
        """Return what to write so that we lead, or go on; ``now`` is the time, for people."""
        lock = self.lock or Lock()
        if lock.holder == self.identity:
            return replace(lock, renewed=now)
        # The first holder of a lock is no change of holder.
        changes = lock.transitions + bool(lock.version or lock.holder)
        return replace(lock, holder=self.identity, acquired=now, renewed=now, transitions=changes)

    def wrote(self, lock: Lock, asked: float) -> None:
        """Take note that a claim was written which was sent at ``asked``: we lead from then."""
        self.saw(lock, asked)
        self._led, self._renewed = True, asked

    def release(self, now: str) -> Lock | None:
        """Lead no more; return what to write so that nobody waits, None where there is nothing."""
        self._led = False
        if self.lock is None or self.lock.holder != self.identity or not self.lock.version:
            return None
        return replace(self.lock, holder=NOBODY, renewed=now)

    def is_leading(self, moment: float) -> bool:
        """Return whether nobody else can lead now."""
        return self._led and moment < self._renewed + self.terms.renew_deadline

    def renewed_ago(self, moment: float) -> float | None:
        """Return how many seconds ago we asked for the renewal that counts; None: none does."""
        return moment - self._renewed if self._led else None
