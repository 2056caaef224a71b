"""The commands that bring a stack back to its template.

An update by itself does not: CloudFormation compares a template with the last one, not with what is live.
A change set in the mode REVERT_DRIFT does, and creates what was deleted. Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
"""

from __future__ import annotations

from drift.editor import NotEdited, Restoring, Wish
from providers.aws.cloudformation.owners import Owners
from providers.aws.cloudformation.spots import Said
from providers.aws.cloudformation.template import LANGUAGE_EXTENSIONS

_CHANGE_SET = "revert-drift"
#: Bytes of a template that a call may hold; longer ones must lie in S3 (CreateChangeSet, TemplateBody).
_MOST = 51_200


def commands(wish: Wish) -> Restoring | None:
    """A change set that compares with what is live, for the stack that holds the resource; None where that
    stack is not known."""
    if wish.finding.declared is None:
        return None
    try:
        said = Owners.of(wish).own
    except NotEdited:
        return None
    stack = said.translation.place.stack
    if stack is None:
        return None
    top = _top(said)
    root = top.translation.place.stack or stack
    target = ("--stack-name", root.name, "--region", root.region)
    of = ("--change-set-name", _CHANGE_SET)
    make = ("aws", "cloudformation", "create-change-set", *target, *of, "--deployment-mode", "REVERT_DRIFT")
    nested = top is not said
    more = (*words(top), *(("--include-nested-stacks",) if nested else ()))
    wait = ("aws", "cloudformation", "wait", "change-set-create-complete", *target, *of)
    show = ("aws", "cloudformation", "describe-change-set", *target, *of)
    run = ("aws", "cloudformation", "execute-change-set", *target, *of)
    does = (
        f"Brings every resource of the stack {root.name} in account {root.scope} that differs from the "
        "template back to it, this one and all others, and creates those that were deleted: look at what "
        "describe-change-set shows before you run the last command. `aws cloudformation deploy` would not do "
        "it: it applies only what differs from the template of the last deployment."
    )
    return Restoring(((*make, *more), wait, show, run), does, folder(wish, top))


def words(said: Said) -> tuple[str, ...]:
    """What a change set is told of the template: its text, its parameters, what it may do."""
    return (*_template(said), *_parameters(said), *_capabilities(said))


def folder(wish: Wish, said: Said) -> str:
    """The template's folder within the repository."""
    top, found = wish.location.root, said.template.path.parent
    return found.relative_to(top).as_posix() if top and found.is_relative_to(top) else "."


def _top(said: Said) -> Said:
    while said.above is not None:
        said = said.above
    return said


def _template(said: Said) -> tuple[str, ...]:
    path = said.template.path
    if path.stat().st_size > _MOST:
        return ("--use-previous-template",)
    return ("--template-body", f"file://{path.name}")


def _parameters(said: Said) -> tuple[str, ...]:
    """Those that the stack has stay; what is not named would fall back to its default."""
    stack = said.translation.place.stack
    kept = [name for name in said.template.parameters if stack is not None and name in stack.parameters]
    words = [f"ParameterKey={name},UsePreviousValue=true" for name in kept]
    return ("--parameters", *words) if words else ()


def _capabilities(said: Said) -> tuple[str, ...]:
    words = []
    types = [type_ for _, type_ in said.template.typed()]
    if any(type_.startswith("AWS::IAM::") or type_ == "AWS::CloudFormation::Stack" for type_ in types):
        words.append("CAPABILITY_NAMED_IAM")
    if any(name != LANGUAGE_EXTENSIONS for name in said.template.transforms):
        words += ["CAPABILITY_NAMED_IAM"] if not words else []
        words.append("CAPABILITY_AUTO_EXPAND")
    return ("--capabilities", *words) if words else ()
