"""Holds plugins to their contracts: every member is there and takes its parameters, and none is misspelt."""

from __future__ import annotations

import difflib
import inspect
import types
from typing import Any, ClassVar, Generic, Protocol

from drift.errors import DriftError


class ContractError(DriftError, TypeError):
    """A plugin's class does not do what its contract asks for."""


class Defaults:
    """Base of the classes that hold a contract's defaults, for plugins to inherit.

    What a subclass has of public names must be members of the contract: a misspelt one would silently do
    nothing, so that defining the class raises ContractError. Names of a plugin's own begin with an
    underscore.
    """

    __slots__ = ()
    _contract: ClassVar[type]

    def __init_subclass__(cls, *, contract: bool = False, **more: Any) -> None:
        super().__init_subclass__(**more)
        if contract:
            cls._contract = cls
        else:
            _refuse_unknown(cls, cls._contract)


def members(contract: type) -> frozenset[str]:
    """The public names of a contract and of what it inherits."""
    return frozenset(name for one in _own(contract) for name in _public(one))


def check(plugin: object, contract: type, called: str) -> None:
    """Raises ContractError where an object is not what its contract says; ``called`` names it to people.

    Nothing of the object is called or read, so that what it loads lazily stays unloaded.
    """
    cls, own = type(plugin), getattr(plugin, "__dict__", {})
    for name in sorted(members(contract)):
        wanted = inspect.getattr_static(contract, name, None)
        found = inspect.getattr_static(cls, name, wanted)
        if found is wanted and name not in own and cls is not contract:
            raise ContractError(
                f"{called} ({_named(cls)}): lacks {name!r}, which the contract {_named(contract)} asks for"
            )
        if isinstance(wanted, types.FunctionType):
            if not callable(getattr(cls, name, None)):
                raise ContractError(
                    f"{called} ({_named(cls)}): {name!r} is no method, as the contract "
                    f"{_named(contract)} asks for"
                )
            _check_parameters(cls, name, wanted, contract, called)
    _refuse_unknown(cls, contract)


def _check_parameters(cls: type, name: str, wanted: types.FunctionType, contract: type, called: str) -> None:
    """By position and by name, as the core may call it."""
    asked = list(inspect.signature(wanted).parameters)
    try:
        given = inspect.signature(getattr(cls, name))
        if isinstance(inspect.getattr_static(cls, name), staticmethod | classmethod):
            asked = asked[1:]
        given.bind(*asked)
        given.bind(*asked[:1], **dict.fromkeys(asked[1:]))
    except TypeError as error:
        shown = str(inspect.signature(wanted).replace(return_annotation=inspect.Signature.empty))
        raise ContractError(
            f"{called} ({_named(cls)}): {name} can't be called as the contract {_named(contract)} does, "
            f"{name}{shown}: {error}"
        ) from error


def _refuse_unknown(cls: type, contract: type) -> None:
    known = members(contract)
    unknown = sorted({name for one in _own(cls) for name in _public(one)} - known)
    if unknown:
        close = difflib.get_close_matches(unknown[0], sorted(known), n=1)
        advice = (
            f"did you mean {close[0]!r}?"
            if close
            else f"a name of its own begins with '_' ({', '.join(sorted(known))})"
        )
        raise ContractError(
            f"{_named(cls)}: the contract {contract.__name__} has no {unknown[0]!r}; {advice}"
        )


def _own(cls: type) -> tuple[type, ...]:
    """The classes that it is made of, without those of the language."""
    return tuple(one for one in cls.__mro__ if one not in (Defaults, Protocol, Generic, object))


def _public(cls: type) -> set[str]:
    """What a class body defines or annotates."""
    return {name for name in (*vars(cls), *inspect.get_annotations(cls)) if not name.startswith("_")}


def _named(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
