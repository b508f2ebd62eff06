"""Of several replicas one leads: whatever is delayed, paused, lost, or set to another time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from davit_operator.plan.election import NOBODY, Election, Lock, Terms

TERMS = Terms()
OTHERS = Lock(holder="other", version="7", acquired="a", renewed="r", transitions=3)
OURS = Lock(holder="me", version="8", acquired="now", renewed="now", transitions=4)


def a_candidate(lock: Lock | None = None, at: float = 0.0) -> Election:
    election = Election("me", TERMS)
    election.saw(lock, at)
    return election


def a_leader() -> Election:
    election = a_candidate()
    election.wrote(OURS, 100.0)
    return election


@pytest.mark.parametrize(
    ("lock", "seconds"),
    [(None, 0), (replace(OTHERS, holder=NOBODY), 0), (OURS, 0), (OTHERS, 15)],
    ids=["there is none", "nobody holds it", "we hold it and did not know", "another one holds it"],
)
def test_a_lock_is_free_at_once_unless_another_one_holds_it(
    lock: Lock | None, seconds: float
) -> None:
    assert a_candidate(lock, at=50).free_in(50) == seconds


def test_a_lock_is_free_when_it_did_not_change_for_its_duration() -> None:
    election = a_candidate(OTHERS, at=50)
    election.saw(OTHERS, 60)
    assert election.free_in(60) == 5
    assert election.free_in(65) == 0


def test_each_renewal_counts_from_when_it_was_seen_whatever_time_it_tells() -> None:
    election = a_candidate(OTHERS, at=50)
    election.saw(replace(OTHERS, version="8", renewed="long ago"), 60)
    assert election.free_in(60) == 15


def test_a_lock_that_was_deleted_is_respected_until_its_holder_would_have_renewed_it() -> None:
    election = a_candidate(OTHERS, at=50)
    election.saw(None, 52)
    assert election.free_in(52) == 13
    assert election.claim("now").version == ""


@pytest.mark.parametrize(
    ("lock", "transitions"),
    [(None, 0), (replace(OTHERS, holder=NOBODY), 4), (OTHERS, 4), (OURS, 4)],
    ids=["the first lock", "one that was given back", "one that ran out", "our own"],
)
def test_a_claim_counts_the_changes_of_holder(lock: Lock | None, transitions: int) -> None:
    claim = a_candidate(lock).claim("later")
    assert (claim.holder, claim.renewed, claim.transitions) == ("me", "later", transitions)
    assert claim.version == (lock.version if lock else "")


def test_a_leader_leads_from_before_its_claim_was_sent_until_its_deadline() -> None:
    election = a_leader()
    assert election.is_leading(109.9)
    assert not election.is_leading(110)
    assert election.renewed_ago(104) == 4


def test_a_leader_that_sees_another_holder_leads_no_more() -> None:
    election = a_leader()
    election.saw(replace(OTHERS, version="9"), 101)
    assert not election.is_leading(101)
    assert election.renewed_ago(101) is None


def test_who_gives_the_lock_back_leads_no_more_and_clears_the_holder() -> None:
    election = a_leader()
    assert election.release("then") == replace(OURS, holder=NOBODY, renewed="then")
    assert not election.is_leading(100)


@pytest.mark.parametrize("lock", [None, OTHERS], ids=["no lock", "another one's"])
def test_who_holds_no_lock_gives_none_back(lock: Lock | None) -> None:
    assert a_candidate(lock).release("then") is None


# --- any interleaving

NAMES = ("a", "b", "c")


@dataclass
class Server:
    """Compares versions, as the API server does."""

    lock: Lock | None = None
    writes: int = 0

    def write(self, claim: Lock) -> Lock | None:
        """Return what was written, None where somebody was faster."""
        if claim.version != (self.lock.version if self.lock else ""):
            return None
        self.writes += 1
        self.lock = replace(claim, version=str(self.writes))
        return self.lock


@dataclass
class Replica:
    """One candidate with a clock of its own, and at most one write that is under way."""

    election: Election
    # How fast its clock goes, and what it showed in the beginning.
    speed: float
    offset: float
    sent: tuple[Lock, float] | None = None
    answer: tuple[Lock, float] | None = None
    seen: list[Lock | None] = field(default_factory=list)

    def clock(self, now: float) -> float:
        return self.offset + now * self.speed

    def leads(self, now: float) -> bool:
        return self.election.is_leading(self.clock(now))


def act(replica: Replica, what: str, server: Server, now: float) -> None:
    """Do one thing; what it waits for comes later, or never."""
    election, clock = replica.election, replica.clock(now)
    if what == "ask":
        replica.seen.append(server.lock)
    elif what == "hear" and replica.seen:
        election.saw(replica.seen.pop(0), clock)
    elif what == "send" and replica.sent is None and election.lock and not election.free_in(clock):
        # Its wall clock may stand still: nobody compares it.
        replica.sent = (election.claim("noon"), clock)
    elif what == "arrive" and replica.sent is not None:
        claim, asked = replica.sent
        replica.sent, written = None, server.write(claim)
        replica.answer = (written, asked) if written else None
    elif what == "answer" and replica.answer is not None:
        election.wrote(*replica.answer)
        replica.answer = None
    elif what == "release" and replica.leads(now):
        released = election.release("noon")
        if released:
            server.write(released)


ACTS = ("ask", "hear", "send", "arrive", "answer")
STEPS = st.lists(
    st.tuples(
        st.integers(0, len(NAMES) - 1),
        st.sampled_from(["turn"] * 6 + [*ACTS, "release"]),
        # Seconds until the next step: a moment, a period, a pause of any length.
        st.sampled_from([0.0, 0.1, 2.0, 5.0, 9.0, 14.0, 16.0, 40.0]),
    ),
    min_size=10,
    max_size=60,
)
CLOCKS = st.lists(st.tuples(st.floats(0.9, 1.1), st.floats(-1e6, 1e6)), min_size=3, max_size=3)


# Few of the interleavings have a leader at all.
@settings(max_examples=400)
@given(steps=STEPS, clocks=CLOCKS)
def test_never_do_two_lead(
    steps: list[tuple[int, str, float]], clocks: list[tuple[float, float]]
) -> None:
    server, now = Server(), 0.0
    replicas = [
        Replica(Election(name, TERMS), speed, offset)
        for name, (speed, offset) in zip(NAMES, clocks, strict=True)
    ]
    for number, what, pause in steps:
        for each in ACTS if what == "turn" else (what,):
            act(replicas[number], each, server, now)
        assert sum(replica.leads(now) for replica in replicas) <= 1
        now += pause
        assert sum(replica.leads(now) for replica in replicas) <= 1
