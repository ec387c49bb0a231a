"""Records behave as the dataclasses of the standard library do, and cost nothing before they are used."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from typing import Any

import pytest

from inbox_tui import records


@records.dataclass(frozen=True, slots=True)
class Point:
    """A doc."""

    x: int
    y: int = 2
    tags: tuple[str, ...] = records.field(default_factory=tuple)
    secret: str = records.field(default="s", repr=False)

    @property
    def total(self) -> int:
        return self.x + self.y


@records.dataclass(slots=True)
class Loose:
    names: list[str] = records.field(default_factory=list)


@records.dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    name: str
    size: int = 1


@records.dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Base):
    host: str
    size: int = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Twin:
    x: int
    y: int = 2
    tags: tuple[str, ...] = dataclasses.field(default_factory=tuple)
    secret: str = dataclasses.field(default="s", repr=False)


def test_it_is_made_shown_and_compared_like_its_twin() -> None:
    point, twin = Point(1, tags=("a",)), Twin(1, tags=("a",))
    assert dataclasses.astuple(point) == dataclasses.astuple(twin)
    assert repr(point) == repr(twin).replace("Twin", "Point")
    assert point == Point(1, 2, ("a",))
    assert hash(point) == hash(Point(1, 2, ("a",)))
    assert point != Point(2)
    assert point != twin  # type: ignore[comparison-overlap]
    assert Point.__match_args__ == Twin.__match_args__
    assert point.total == 3


def test_its_arguments_are_those_of_its_twin() -> None:
    ours, theirs = inspect.signature(Point).parameters, inspect.signature(Twin).parameters
    assert [(p.name, p.kind) for p in ours.values()] == [(p.name, p.kind) for p in theirs.values()]
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Point(1, z=3)  # type: ignore[call-arg]


def test_it_cannot_be_changed() -> None:
    point = Point(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del point.x
    with pytest.raises(AttributeError):
        point.other = 2  # type: ignore[attr-defined]


def test_what_may_change_is_not_hashed_and_shares_no_default() -> None:
    one, other = Loose(), Loose()
    one.names.append("a")
    assert other.names == []
    one.names = ["b"]
    with pytest.raises(TypeError):
        hash(one)


def test_a_derived_record_has_the_fields_of_its_base_in_their_place() -> None:
    derived = Derived(host="h", name="n")
    assert (derived.name, derived.size, derived.host) == ("n", 3, "h")
    assert [each.name for each in records.fields(Derived)] == ["name", "size", "host"]
    assert Base(name="n").size == 1
    assert not hasattr(derived, "__dict__")
    with pytest.raises(TypeError):
        Derived("n", host="h")  # type: ignore[call-arg]


@pytest.mark.parametrize("record", [Point(1, 5, ("a",)), Loose(["a"]), Derived(name="n", host="h")])
def test_it_can_be_copied_pickled_and_taken_apart(record: Any) -> None:
    assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == copy.copy(record) == record
    assert dataclasses.is_dataclass(type(record))
    assert dataclasses.replace(record) == records.replace(record) == record
    assert set(dataclasses.asdict(record)) == {each.name for each in records.fields(record)}
    assert records.asdict(record) == dataclasses.asdict(record)


def test_replace_changes_what_is_named() -> None:
    assert records.replace(Point(1), y=9) == Point(1, 9)
    assert records.replace(Twin(1), y=9) == Twin(1, 9)
    with pytest.raises(TypeError):
        records.replace(Point(1), z=9)  # type: ignore[call-arg]


def test_fields_tell_their_defaults() -> None:
    x, y, tags, secret = records.fields(Point)
    assert x.default is records.MISSING
    assert (y.default, tags.default_factory, secret.default, secret.repr) == (2, tuple, "s", False)
    assert (x.type, y.name) == ("int", "y")


def test_the_standard_module_is_not_imported_for_a_record() -> None:
    code = (
        "import sys; from inbox_tui.records import dataclass, field\n"
        "@dataclass(frozen=True)\n"
        "class A:\n x: int\n y: list[int] = field(default_factory=list)\n"
        "assert A(1) == A(1, []) and repr(A(1)) == 'A(x=1, y=[])'\n"
        "sys.exit(bool({'dataclasses', 'inspect'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
