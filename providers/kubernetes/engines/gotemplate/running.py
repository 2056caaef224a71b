"""Carries out Go's templates on a mapping.

Source: pkg.go.dev/text/template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.kubernetes.engines.gotemplate.functions import Unknown, call
from providers.kubernetes.engines.gotemplate.parsing import (
    Block,
    Chain,
    Dot,
    Literal,
    Pipe,
    Variable,
    Word,
    parse,
)
from providers.kubernetes.engines.gotemplate.values import NO_VALUE, TemplateError, shown, true

#: How many nodes one template may carry out, and how long what it prints may be.
MOST_STEPS, MOST_CHARACTERS = 100_000, 4 * 1024 * 1024
_CHARACTERS_A_STEP = 1024
_OPTIONS = ("missingkey=default", "missingkey=invalid", "missingkey=zero", "missingkey=error")


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class Template:
    """A parsed template. ``options`` are Go's own (``missingkey=error``). Raises TemplateError."""

    def __init__(self, source: str, options: Sequence[str] = ()) -> None:
        for one in options:
            if one not in _OPTIONS:
                raise TemplateError(f"the option {one!r} is not known")
        self.strict = bool(options) and options[-1] == "missingkey=error"
        self.options = tuple(options)
        self.blocks = parse(source)

    def filled(self, data: Mapping[str, Any]) -> str:
        """What it prints. Raises TemplateError where it fails, or asks for what is not known here."""
        run = _Run(self, data)
        run.blocks(self.blocks, data)
        return "".join(run.out)


class _Run:
    def __init__(self, template: Template, data: Mapping[str, Any]) -> None:
        self.template, self.out = template, list[str]()
        self.scopes: list[dict[str, Any]] = [{"$": data}]
        self.steps = self.length = 0

    def blocks(self, several: Sequence[Block], dot: Any) -> None:
        self.scopes.append({})
        try:
            for one in several:
                self._block(one, dot)
        finally:
            self.scopes.pop()

    def _block(self, one: Block, dot: Any) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TemplateError(f"it takes more than {MOST_STEPS:,} steps")
        if one.kind == "text":
            self._print(one.text)
        elif one.kind == "break":
            raise _Break
        elif one.kind == "continue":
            raise _Continue
        elif one.kind == "range":
            self._range(one, dot)
        else:
            assert one.pipe is not None
            self._one(one, one.pipe, dot)

    def _one(self, one: Block, pipe: Pipe, dot: Any) -> None:
        if one.kind == "print":
            value = self.pipe(pipe, dot)
            if not pipe.names:
                self._print(shown(value))
            return
        self.scopes.append({})
        try:
            value = self.pipe(pipe, dot)
            below = value if one.kind == "with" and true(value) else dot
            self.blocks(one.body if true(value) else one.other, below)
        finally:
            self.scopes.pop()

    def _print(self, text: str) -> None:
        self.length += len(text)
        if self.length > MOST_CHARACTERS:
            raise TemplateError(f"it prints more than {MOST_CHARACTERS:,} characters")
        self.out.append(text)

    def _range(self, one: Block, dot: Any) -> None:
        assert one.pipe is not None
        value = self._commands(one.pipe, dot)
        if isinstance(value, dict):
            items: list[tuple[Any, Any]] = [(key, value[key]) for key in sorted(value)]
        elif isinstance(value, (list, tuple)):
            items = list(enumerate(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            if value > MOST_STEPS:
                raise TemplateError(f"it takes more than {MOST_STEPS:,} steps")
            items = [(index, index) for index in range(value)]
        elif value is None or value is NO_VALUE:
            items = []
        else:
            raise TemplateError(f"range can't go over {shown(value)[:50]!r}")
        if not items:
            self.blocks(one.other, dot)
            return
        names = one.pipe.names
        for key, item in items:
            self.scopes.append({})
            try:
                if len(names) == 1:
                    self._set(names[0], item, one.pipe.declares)
                elif names:
                    self._set(names[0], key, one.pipe.declares)
                    self._set(names[1], item, one.pipe.declares)
                self.blocks(one.body, item)
            except _Break:
                return
            except _Continue:
                continue
            finally:
                self.scopes.pop()

    def pipe(self, pipe: Pipe, dot: Any) -> Any:
        """The value of a pipeline, which is noted where it sets a variable."""
        value = self._commands(pipe, dot)
        for name in pipe.names:
            self._set(name, value, pipe.declares)
        return value

    def _set(self, name: str, value: Any, declares: bool) -> None:
        if declares:
            self.scopes[-1][name] = value
            return
        for scope in reversed(self.scopes):
            if name in scope:
                scope[name] = value
                return
        raise TemplateError(f"the variable {name} is not set")

    def _commands(self, pipe: Pipe, dot: Any) -> Any:
        value: Any = None
        for index, command in enumerate(pipe.commands):
            more = [value] if index else []
            value = self._command(command, dot, more)
        return value

    def _command(self, command: Sequence[Any], dot: Any, more: list[Any]) -> Any:
        first, rest = command[0], command[1:]
        if isinstance(first, Word):
            if first.name in ("and", "or"):
                return self._lazy(first.name, rest, dot, more)
            arguments = [self._operand(one, dot) for one in rest]
            return self._called(first.name, arguments + more)
        if rest or more:
            raise TemplateError(f"can't give an argument to what is no function: {_named(first)}")
        return self._operand(first, dot)

    def _called(self, name: str, arguments: list[Any]) -> Any:
        if name == "tpl":
            if len(arguments) != 2 or not isinstance(arguments[0], str):
                raise TemplateError("tpl takes a text and a value")
            again = Template(arguments[0], self.template.options)
            self.steps += 1000
            if self.steps > MOST_STEPS:
                raise TemplateError(f"it takes more than {MOST_STEPS:,} steps")
            return again.filled(arguments[1]).replace("<no value>", "")
        return self._bounded(call(name, [None if one is NO_VALUE else one for one in arguments]))

    def _bounded(self, value: Any) -> Any:
        """What a function made, which costs as many steps as it has items, so that neither a text nor a list
        that is doubled again and again outgrows the memory."""
        if isinstance(value, str):
            size = len(value)
            if size > MOST_CHARACTERS:
                raise TemplateError(f"a text of more than {MOST_CHARACTERS:,} characters")
            self.steps += size // _CHARACTERS_A_STEP
        elif isinstance(value, (list, tuple, dict)):
            self.steps += len(value)
        if self.steps > MOST_STEPS:
            raise TemplateError(f"it takes more than {MOST_STEPS:,} steps")
        return value

    def _lazy(self, name: str, rest: Sequence[Any], dot: Any, more: list[Any]) -> Any:
        value: Any = None
        several = [*rest, *(Literal(one) for one in more)]
        if not several:
            raise TemplateError(f"{name} takes a value")
        for one in several:
            value = self._operand(one, dot)
            if true(value) is (name == "or"):
                break
        return value

    def _operand(self, one: Any, dot: Any) -> Any:
        if isinstance(one, Literal):
            return one.value
        if isinstance(one, Dot):
            return dot
        if isinstance(one, Variable):
            return self._variable(one.name)
        if isinstance(one, Word):
            return self._called(one.name, [])
        if isinstance(one, Pipe):
            return self._commands(one, dot)
        assert isinstance(one, Chain)
        value = self._operand(one.of, dot)
        for name in one.members:
            value = self._member(value, name)
        return value

    def _variable(self, name: str) -> Any:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        raise TemplateError(f"the variable {name} is not set")

    def _member(self, value: Any, name: str) -> Any:
        if value is NO_VALUE:
            if self.template.strict:
                raise TemplateError(f"there is no value for {name!r}")
            return NO_VALUE
        if value is None:
            raise TemplateError(f"nil has no {name!r}")
        if not isinstance(value, Mapping):
            raise TemplateError(f"can't take {name!r} of {shown(value)[:50]!r}")
        if name not in value:
            if self.template.strict:
                raise TemplateError(f"map has no entry for key {name!r}")
            return NO_VALUE
        return value[name]


def _named(one: Any) -> str:
    return one.name if isinstance(one, (Word, Variable)) else type(one).__name__.lower()


__all__ = ["MOST_CHARACTERS", "MOST_STEPS", "Template", "TemplateError", "Unknown"]
