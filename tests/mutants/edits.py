"""The small faults that a module could have: each place where one operator, number or text is another."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
_CALCULATED: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "//",
    ast.FloorDiv: "*",
    ast.Div: "*",
    ast.BitOr: "&",
    ast.BitAnd: "|",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """One fault: the bytes ``start`` to ``end`` of the module, in ``line``, replaced by ``new``."""

    line: int
    start: int
    end: int
    new: str

    def of(self, source: bytes) -> bytes:
        """The module with the fault."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def edits(source: bytes) -> list[Edit]:
    """All faults of a module. None in what is not run or only read by people: docstrings, types, decorators,
    messages of errors."""
    tree = ast.parse(source)
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    found = []
    for node in _run(tree):
        for first, last, new in _faults(node, lambda one: ast.get_source_segment(source.decode(), one) or ""):
            start = at(first.lineno, first.col_offset)
            assert last.end_lineno is not None and last.end_col_offset is not None
            found.append(Edit(first.lineno, start, at(last.end_lineno, last.end_col_offset), new))
    return found


def _faults(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[tuple[ast.expr, ast.expr, str]]:
    """First and last expression that is replaced, and by which text."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield node, node, f"({text(left)} {_COMPARED[type(op)]} {text(right)})"
        case ast.BoolOp(op=op, values=values):
            other = " or " if isinstance(op, ast.And) else " and "
            yield node, node, f"({other.join(f'({text(value)})' for value in values)})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield node, node, f"({text(operand)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _CALCULATED:
            yield node, node, f"(({text(left)}) {_CALCULATED[type(op)]} ({text(right)}))"
        case ast.Constant(value=bool(value)):
            yield node, node, str(not value)
        case ast.Constant(value=int(value)):
            yield node, node, str(value + 1)
        case ast.Constant(value=str(value)):
            yield node, node, repr(f"{value}X")
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if _plain(test):
            yield test, test, f"(not ({text(test)}))"
        case ast.comprehension(ifs=[*tests]):
            yield from ((test, test, "True") for test in tests)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield value, value, "None"


def _plain(test: ast.expr) -> bool:
    """Whether nothing else turns this condition round."""
    turned = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    return not turned and not (isinstance(test, ast.Compare) and len(test.ops) == 1)


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it that are run and decide something."""
    skipped: list[object] = []
    match node:
        case ast.Raise() | ast.JoinedStr() | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
        case ast.FunctionDef(args=args, returns=returns, decorator_list=decorators):
            skipped = [returns, *decorators, *(one.annotation for one in _arguments(args))]
        case ast.ClassDef(decorator_list=decorators):
            skipped = [*decorators]
        case ast.AnnAssign(annotation=annotation):
            skipped = [annotation]
        case ast.Expr(value=ast.Constant()) | ast.Assign(targets=[ast.Name(id="__all__")]):
            return
        case ast.Assign(value=ast.Subscript(value=ast.Name(id=name))) if name[0].isupper():  # a type's name
            return
        case ast.Call(func=ast.Name(id="cast" | "TypeVar"), args=[first, *_]):
            skipped = [first]
    yield node
    for child in ast.iter_child_nodes(node):
        if not any(child is one for one in skipped):
            if isinstance(child, ast.arguments):
                yield from (
                    found for one in (*child.defaults, *child.kw_defaults) if one for found in _run(one)
                )
            else:
                yield from _run(child)


def _arguments(args: ast.arguments) -> Iterator[ast.arg]:
    yield from (*args.posonlyargs, *args.args, *args.kwonlyargs)
