"""What the Serverless Application Model makes of a template: told by aws-sam-translator, which AWS itself
uses.

The package is optional (extra ``sam``); without it, and where it refuses a template, only what is passed on
is known (:mod:`providers.aws.cloudformation.serverless`).
"""

from __future__ import annotations

import importlib.util
import json
import logging
import re
import threading
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from drift.lined import Map
from drift.model import Sensitive, Unresolved
from providers.aws.cloudformation import template
from providers.aws.cloudformation.evaluated import NESTED, Evaluated
from providers.aws.cloudformation.functions import Unknown, as_text
from providers.aws.cloudformation.parameters import as_bool
from providers.aws.cloudformation.template import Template

_TRANSFORM = "AWS::Serverless-2016-10-31"
#: Stands for what is uploaded when a template is deployed.
_BUCKET = "drift-uploaded-when-deployed"
_UPLOADED = Unresolved("it is uploaded when the stack is deployed")
#: What names a local file or folder until ``sam package`` has uploaded it.
_LOCAL = frozenset({"CodeUri", "ContentUri", "DefinitionUri", "SchemaUri"})
_CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
#: SAM ends the logical ids of what is replaced with a change by a hash of it.
_HASHED = re.compile(r"(.+?)([0-9a-f]{10})")
_LOCK = threading.Lock()
#: It warns of features that AWS has not switched on yet.
logging.getLogger("samtranslator").setLevel(logging.CRITICAL)


class Refused(Exception):
    """The template can't be translated; the message says why."""


def available() -> bool:
    """Whether the translator is installed."""
    return importlib.util.find_spec("samtranslator") is not None


def translated(at: Evaluated) -> Map:
    """The document that SAM makes of a template at its place.

    Raises:
        Refused: where the translator is not installed, or does not take the template.
    """
    if not available():
        raise Refused("install driftline[sam] to have it translated")
    if any(name.startswith("Fn::") for name in at.template.resources):
        raise Refused("a loop in it is not known")
    document = _document(at.template)
    applications = _applications(document)
    known = {name: _text(value) for name, value in at.evaluator.parameters.items()}
    if document.get("Resources"):
        document = _translate(document, {name: one for name, one in known.items() if one is not None}, at)
    made = {**document, "Resources": {**document.get("Resources", {}), **applications}}
    made = _named_as_deployed(made, at)
    if at.template.parameters:
        made["Parameters"] = _plain(at.template.parameters)
    for said in made.get("Resources", {}).values():
        own = said.get("Properties") if isinstance(said, dict) else None
        if isinstance(own, dict) and isinstance(own.get("Tags"), list):
            own["Tags"].sort(key=_added)  # those that are written come first
    opened: Map = _opened(template.relined(made, None, 1))
    return opened


def _document(of: Template) -> dict[str, Any]:
    """The template as plain JSON; secrets stay references to their parameters."""
    made = {name: _uploaded(_plain(one)) for name, one in of.sections.items() if one}
    for words in made.get("Parameters", {}).values():
        if isinstance(words, dict) and as_bool(words.get("NoEcho")):
            words.pop("Default", None)
    shared = made.get("Globals", {}).get("Function", {})
    for said in made.get("Resources", {}).values():
        code = _CODE.get(str(said.get("Type"))) if isinstance(said, dict) else None
        own = said.setdefault("Properties", {}) if code else None
        image = isinstance(own, dict) and own.get("PackageType", shared.get("PackageType")) == "Image"
        if isinstance(own, dict) and code and not image and not ({code, "InlineCode"} & {*own, *shared}):
            own[code] = f"s3://{_BUCKET}/code"
        elif isinstance(own, dict) and image:
            own.setdefault("ImageUri", _BUCKET)
    return {"AWSTemplateFormatVersion": "2010-09-09", "Transform": _TRANSFORM, **made}


def _applications(document: dict[str, Any]) -> dict[str, Any]:
    """Takes the nested applications out, as the nested stacks that they become: the translator would ask the
    Serverless Application Repository for them, and have it make a template."""
    resources = document.get("Resources", {})
    names = [
        name
        for name, said in resources.items()
        if isinstance(said, dict) and said.get("Type") == "AWS::Serverless::Application"
    ]
    made = {}
    for name in names:
        said = resources.pop(name)
        own = said.get("Properties")
        own = dict(own) if isinstance(own, dict) else {}
        location = own.pop("Location", None)
        tags = own.pop("Tags", None)
        own["TemplateURL"] = location if isinstance(location, str) else f"s3://{_BUCKET}/{name}"
        if isinstance(tags, dict):
            own["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        made[name] = {**said, "Type": NESTED, "Properties": own}
    return made


def _plain(node: Any) -> Any:
    if isinstance(node, Unresolved):
        raise Refused(node.reason)
    if isinstance(node, Mapping):
        return {str(key): _plain(one) for key, one in node.items()}
    return [_plain(one) for one in node] if isinstance(node, list) else node


def _uploaded(node: Any) -> Any:
    """The node with a place in S3 for each local path."""
    if isinstance(node, dict):
        return {
            key: f"s3://{_BUCKET}/{re.sub(r'[^A-Za-z0-9._/-]', '-', one).strip('./') or 'code'}"
            if key in _LOCAL and isinstance(one, str) and "://" not in one
            else _uploaded(one)
            for key, one in node.items()
        }
    return [_uploaded(one) for one in node] if isinstance(node, list) else node


def _text(value: Any) -> str | None:
    if isinstance(value, (Unresolved, Sensitive)):
        return None
    try:
        return ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
    except Unknown:
        return None


def _translate(document: dict[str, Any], parameters: dict[str, str], at: Evaluated) -> dict[str, Any]:
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.plugins.application.serverless_app_plugin import ServerlessAppPlugin
    from samtranslator.translator.translator import Translator

    class NoRepository(ServerlessAppPlugin):  # type: ignore[misc]
        """In place of the plugin that asks the Serverless Application Repository."""

        def __init__(self) -> None:
            super(ServerlessAppPlugin, self).__init__()  # its own makes a client

        def on_before_transform_template(self, template_dict: Any) -> None:
            pass

        def on_before_transform_resource(
            self, logical_id: Any, resource_type: Any, resource_properties: Any
        ) -> None:
            pass

        def on_after_transform_template(self, template: Any) -> None:
            pass

    place = at.place
    names = {"AWS::AccountId": place.account, "AWS::StackName": place.stack.name if place.stack else None}
    given = {**{name: value for name, value in names.items() if value}, **parameters}
    with _LOCK:  # the translator keeps the region in a class
        session = SimpleNamespace(region_name=place.region or "us-east-1")  # all that is asked of it
        try:
            translator = Translator({}, Parser(), [NoRepository()], session)
            made: dict[str, Any] = translator.translate(document, given)
        except InvalidDocumentException as error:
            causes = "; ".join(str(one.message) for one in error.causes) or str(error)
            raise Refused(f"SAM does not take it: {causes}") from error
        except (LookupError, TypeError, AttributeError, ValueError, RuntimeError, AssertionError) as error:
            raise Refused(f"SAM's translator fails: {type(error).__name__}: {error}") from error
    return made


def _named_as_deployed(made: dict[str, Any], at: Evaluated) -> dict[str, Any]:
    """What was made, with the logical ids of the stack where they end by another hash: of what was uploaded
    only the stack knows it."""
    stack = at.place.stack
    if stack is None:
        return made
    told = json.dumps(made)
    resources = made.get("Resources", {})
    for name, said in resources.items():
        found = _HASHED.fullmatch(name)
        if not found or name in stack.resources:
            continue
        alike = [
            other
            for other, deployed in stack.resources.items()
            if deployed.type == said.get("Type")
            and (same := _HASHED.fullmatch(other))
            and same[1] == found[1]
            and other not in resources
        ]
        if len(alike) == 1:
            told = told.replace(name, alike[0])
    return dict(json.loads(told))


def _added(tag: Any) -> bool:
    """Whether SAM adds a tag."""
    return isinstance(tag, dict) and tag.get("Value") == "SAM" and str(tag.get("Key")).endswith(":createdBy")


def _opened(node: Any) -> Any:
    """The document with what is uploaded as unknown."""
    if isinstance(node, Map):
        if any(_BUCKET in one for one in node.values() if isinstance(one, str)):
            uploaded = {key for key, one in node.items() if isinstance(one, str) and _BUCKET in one}
            if uploaded & {"S3Bucket", "Bucket"}:
                return _UPLOADED
            return Map(
                (key, _UPLOADED if key in uploaded else one, node.lines[key]) for key, one in node.items()
            )
        return Map((key, _opened(one), node.lines[key]) for key, one in node.items())
    if isinstance(node, list):
        for index, one in enumerate(node):
            node[index] = _opened(one)
    return node
