"""``dataclass`` as in the standard library, built when a class is first used instead of when it is imported.

The standard decorator compiles half a dozen methods for each class, 0.7 ms and more, and imports ``inspect``: a
third of what a quick subcommand takes, for records that it never makes. Here a class costs its slots; its
``__init__`` is compiled at the first call, its ``__dataclass_fields__`` when ``dataclasses`` asks for them.

Knows what this program uses: ``frozen``, ``slots`` (always), ``kw_only``, ``field(default=, default_factory=,
repr=)``, inheritance. Type checkers see the standard decorator itself. Imports nothing of the project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["MISSING", "dataclass", "field", "fields", "replace"]

if TYPE_CHECKING:
    from dataclasses import MISSING, dataclass, field, fields, replace
else:

    class _Missing:
        def __repr__(self) -> str:
            return "MISSING"

    MISSING = _Missing()

    def dataclass(cls=None, /, *, frozen=False, slots=True, kw_only=False):
        """Make a record of a class, as ``dataclasses.dataclass`` does."""
        if not slots:
            raise TypeError("a record always has slots")
        if cls is None:
            return lambda made: _record(made, frozen, kw_only)
        return _record(cls, frozen, kw_only)

    def field(*, default=MISSING, default_factory=MISSING, repr=True):
        """Say more about a field than its default."""
        return _Field(default, default_factory, repr)

    def fields(record):
        """The fields of a class or instance: ``name``, ``default``, ``default_factory``, ``repr``."""
        return tuple(record.__record_fields__.values())

    def replace(record, /, **changes):
        """A copy with other values in some fields."""
        values = {name: getattr(record, name) for name in record.__record_fields__}
        return type(record)(**{**values, **changes})


class _Field:
    __slots__ = ("default", "default_factory", "name", "repr")

    def __init__(self, default: Any, default_factory: Any, repr: bool) -> None:
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.repr = repr


class _LateInit:
    """Stands for ``__init__`` until it is first looked up, then compiles it and steps aside."""

    def __get__(self, record: Any, cls: Any) -> Any:
        made = cls if record is None else type(record)
        made.__init__ = _compiled(made)
        return made.__init__.__get__(record, made) if record is not None else made.__init__


class _LateFields:
    """Stands for ``__dataclass_fields__``: what ``dataclasses.replace``, ``asdict`` and others look for."""

    def __get__(self, record: Any, cls: Any) -> Any:
        import dataclasses

        body: dict[str, Any] = {"__annotations__": {}}
        for name, each in cls.__record_fields__.items():
            body["__annotations__"][name] = _annotation(cls, name)
            if each.default is not MISSING:
                body[name] = dataclasses.field(default=each.default, repr=each.repr)
            elif each.default_factory is not MISSING:
                body[name] = dataclasses.field(default_factory=each.default_factory, repr=each.repr)
            else:
                body[name] = dataclasses.field(repr=each.repr)
        twin: Any = dataclasses.dataclass(kw_only=True)(type(cls.__name__, (), body))
        return twin.__dataclass_fields__


def _record(cls: Any, frozen: bool, kw_only: bool) -> Any:
    known: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        known.update(base.__dict__.get("__record_fields__", {}))
    body = {key: value for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__")}
    own = body.get("__annotations__", {})
    for name in own:
        given = body.pop(name, MISSING)
        known[name] = each = given if isinstance(given, _Field) else _Field(given, MISSING, True)
        each.name = name
    inherited = {slot for base in cls.__mro__[1:] for slot in base.__dict__.get("__slots__", ())}
    body |= {
        "__slots__": tuple(name for name in own if name not in inherited),
        "__match_args__": () if kw_only else tuple(known),
        "__record_fields__": known,
        "__record_is__": (frozen, kw_only),
        "__init__": _LateInit(),
        "__dataclass_fields__": _LateFields(),
    }
    for name, method in (*_METHODS, *(_FROZEN if frozen else ())):
        body.setdefault(name, method)
    return type(cls)(cls.__name__, cls.__bases__, body)


def _compiled(cls: Any) -> Any:
    """The ``__init__`` that the standard decorator would have written."""
    frozen, kw_only = cls.__record_is__
    names: dict[str, Any] = {"_set": object.__setattr__, "_missing": MISSING}
    arguments, lines = ["self", "*"] if kw_only and cls.__record_fields__ else ["self"], []
    for name, each in cls.__record_fields__.items():
        value = name
        if each.default is not MISSING:
            names[f"_default_{name}"] = each.default
            arguments.append(f"{name}=_default_{name}")
        elif each.default_factory is not MISSING:
            names[f"_make_{name}"] = each.default_factory
            arguments.append(f"{name}=_missing")
            value = f"_make_{name}() if {name} is _missing else {name}"
        else:
            arguments.append(name)
        lines.append(f" _set(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    made: dict[str, Any] = {}
    source = f"def __init__({', '.join(arguments)}):\n" + "\n".join(lines or [" pass"])
    exec(source, names, made)  # noqa: S102  # made of the names of fields alone, as dataclasses does
    init = made["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    init.__annotations__ = {name: _annotation(cls, name) for name in cls.__record_fields__} | {"return": None}
    # Type hints of a function are looked up among its globals.
    return init


def _annotation(cls: Any, name: str) -> Any:
    return next(
        base.__dict__["__annotations__"][name]
        for base in cls.__mro__
        if name in base.__dict__.get("__annotations__", {})
    )


def _values(record: Any) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in record.__record_fields__)


def _eq(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _repr(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _hash(self: Any) -> int:
    return hash(_values(self))


def _fixed(self: Any, name: str, *_value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r}")


def _getstate(self: Any) -> tuple[Any, ...]:
    return _values(self)


def _setstate(self: Any, state: tuple[Any, ...]) -> None:
    for name, value in zip(self.__record_fields__, state, strict=True):
        object.__setattr__(self, name, value)


_METHODS = (("__eq__", _eq), ("__repr__", _repr), ("__getstate__", _getstate), ("__setstate__", _setstate))
_FROZEN = (("__hash__", _hash), ("__setattr__", _fixed), ("__delattr__", _fixed))
