"""What becomes of proposals "same person?" when persons are merged, split, or somebody decides."""

from __future__ import annotations

from inbox_tui.casework.reversible import Act
from inbox_tui.errors import NotFound, NothingToDo
from inbox_tui.store import cases, messages
from inbox_tui.store import merging as store
from inbox_tui.store import proposals as kept
from inbox_tui.store.driver import Connection
from inbox_tui.store.proposals import ProposalRow


def open_one(db: Connection, proposal: int) -> ProposalRow:
    """A proposal that nobody has decided. Raises NotFound, NothingToDo."""
    found = kept.get(db, proposal)
    if found is None:
        raise NotFound(f"there is no proposal {proposal}", "inbox-tui person proposals lists them")
    if found.state != "open":
        by = f" by {found.decided_by}" if found.decided_by else ""
        raise NothingToDo(f"proposal {proposal} is {found.state} already{by}")
    return found


def decide(act: Act, proposal: int, state: str) -> None:
    """Somebody has decided."""
    act.change("proposals", proposal, {"state": state, "decided_at": act.now, "decided_by": act.agent})


def absorb(act: Act, target: int, other: int) -> None:
    """A person was taken in: his proposals are those of whoever took him in, each pair once."""
    for id, a, b, state in store.proposals_of(act.db, [other]):
        third = b if a == other else a
        if third == target:
            if state == "open":
                act.change("proposals", id, {"state": "absorbed"})
            continue
        twin = kept.of_pair(act.db, target, third)
        if twin is not None:
            # What was declined of either is declined.
            weaker = id if twin.state == "declined" or state == "open" else twin.id
            act.change("proposals", weaker, {"state": "absorbed"})
            if weaker == id:
                continue
        act.change("proposals", id, {"person_a": min(target, third), "person_b": max(target, third)})


def part(act: Act, person: int, made: int) -> None:
    """Somebody said that they are two: it is not proposed again."""
    id = kept.insert(act.db, person, made, "declined", 0, (), act.now)
    act.made.append(["proposals", id])
    act.change("proposals", id, {"decided_at": act.now, "decided_by": act.agent})


def case_of(db: Connection, proposal: ProposalRow, person: int) -> int | None:
    """A person's open case that a proposal is about: that of its evidence, else the one that moved last."""
    mine = {
        id: record
        for id, record in cases.open_of_people(db, [person]).items()
        if not record.spam and not record.automatic
    }
    for one in proposal.evidence:
        for message in one.get("messages", ()):
            found = messages.get(db, message)
            if found is not None and found.case in mine:
                return found.case
    return max(mine, key=lambda id: (mine[id].updated_at, id), default=None)
