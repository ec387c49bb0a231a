"""``dataclass`` as in the standard library, built when a class is first used instead of when it is imported.

The standard decorator compiles half a dozen methods for every class (about 0.7 ms a class) and imports
``inspect``: a third of what a quick subcommand takes, for records that it never makes. Here a class costs its
slots; its ``__init__`` is compiled when first called, its ``__dataclass_fields__`` when ``dataclasses`` asks.

Knows what this program uses: ``frozen``, ``slots`` (always), ``kw_only``, ``field(default=, default_factory=,
repr=)``, inheritance. Type checkers see the standard decorator itself. Imports nothing of the project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["MISSING", "asdict", "dataclass", "field", "fields", "replace"]

if TYPE_CHECKING:
    from dataclasses import MISSING, asdict, dataclass, field, fields, replace
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
        """The fields of a class or instance: name, type, default, default_factory, repr."""
        return tuple(record.__record_fields__.values())

    def replace(record, /, **changes):
        """A copy with other values in some fields."""
        if not hasattr(record, "__record_fields__"):
            import dataclasses  # a dataclass of another package

            return dataclasses.replace(record, **changes)
        values = {name: getattr(record, name) for name in record.__record_fields__}
        return type(record)(**{**values, **changes})

    def asdict(record):
        """A record, and the records in it, as dicts."""
        import dataclasses

        return dataclasses.asdict(record)


class _Field:
    __slots__ = ("default", "default_factory", "name", "repr", "type")

    def __init__(self, default: Any, default_factory: Any, repr: bool) -> None:
        self.name = ""
        self.type: Any = None
        self.default = default
        self.default_factory = default_factory
        self.repr = repr


class _LateInit:
    """Stands for ``__init__`` until it is first looked up, then compiles it and steps aside."""

    def __get__(self, record: Any, cls: Any) -> Any:
        made = cls if record is None else type(record)
        made.__init__ = _compiled(made)
        return made.__init__ if record is None else made.__init__.__get__(record, made)


class _LateFields:
    """Stands for ``__dataclass_fields__``, by which ``dataclasses`` and others know a dataclass."""

    def __get__(self, _record: Any, cls: Any) -> Any:
        import dataclasses

        body: dict[str, Any] = {"__annotations__": {}}
        for name, each in cls.__record_fields__.items():
            body["__annotations__"][name] = each.type
            settings = {key: getattr(each, key) for key in ("default", "default_factory")}
            known = {key: value for key, value in settings.items() if value is not MISSING}
            body[name] = dataclasses.field(repr=each.repr, **known)
        twin: Any = dataclasses.dataclass(kw_only=True)(type(cls.__name__, (), body))
        cls.__dataclass_fields__ = twin.__dataclass_fields__
        return twin.__dataclass_fields__


def _record(cls: Any, frozen: bool, kw_only: bool) -> Any:
    known: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        known.update(base.__dict__.get("__record_fields__", {}))
    body = {key: value for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__")}
    own = body.get("__annotations__", {})
    for name, kind in own.items():
        given = body.pop(name, MISSING)
        known[name] = each = given if isinstance(given, _Field) else _Field(given, MISSING, True)
        each.name, each.type = name, kind
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
    known: dict[str, _Field] = cls.__record_fields__
    names: dict[str, Any] = {"_missing": MISSING}
    arguments, lines = ["self", "*"] if kw_only and known else ["self"], []
    for name, each in known.items():
        argument = value = name
        if each.default is not MISSING:
            names[f"_default_{name}"] = each.default
            argument = f"{name}=_default_{name}"
        elif each.default_factory is not MISSING:
            names[f"_make_{name}"] = each.default_factory
            argument = f"{name}=_missing"
            value = f"_make_{name}() if {name} is _missing else {name}"
        arguments.append(argument)
        if frozen:  # by its slot: object.__setattr__ would look for it each time, by its name
            names[f"_set_{name}"] = getattr(cls, name).__set__
        lines.append(f" _set_{name}(self, {value})" if frozen else f" self.{name} = {value}")
    source = f"def __init__({', '.join(arguments)}):\n" + "\n".join(lines or [" pass"])
    made: dict[str, Any] = {}
    exec(source, names, made)  # noqa: S102  # made of names of fields alone, as dataclasses does
    init = made["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    init.__annotations__ = {name: each.type for name, each in known.items()} | {"return": None}
    return init


def _values(record: Any) -> tuple[Any, ...]:
    return tuple([getattr(record, name) for name in record.__record_fields__])


def _eq(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _repr(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _hash(self: Any) -> int:
    return hash(_values(self))


def _fixed(_self: Any, name: str, *_value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r}")


def _setstate(self: Any, state: tuple[Any, ...]) -> None:
    for name, value in zip(self.__record_fields__, state, strict=True):
        object.__setattr__(self, name, value)


_METHODS = (("__eq__", _eq), ("__repr__", _repr), ("__getstate__", _values), ("__setstate__", _setstate))
_FROZEN = (("__hash__", _hash), ("__setattr__", _fixed), ("__delattr__", _fixed))
