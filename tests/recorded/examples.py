"""Public recordings of AWS answers, as they lie in folders: examples of the AWS CLI's pages and of botocore,
answers recorded by placebo, files of answers named by their command."""

from __future__ import annotations

import gzip
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel
from botocore.session import get_session

from providers.aws.loopback import ACCOUNT

REGION = "us-east-1"
_SESSION = get_session()
#: The commands of the AWS CLI that are not called as boto3's clients are.
_SERVICES = {"configservice": "config", "deploy": "codedeploy", "s3api": "s3"}
#: How placebo names services: by the first part of their endpoint's name.
_ENDPOINTS = {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2"}


@dataclass(frozen=True, slots=True)
class Recording:
    """One answer: boto3's ``service`` and ``operation`` (``describe_vpcs``), the ``answer`` as JSON, and
    what was asked, where that is known."""

    service: str
    operation: str
    answer: dict[str, Any]
    where: str
    asked: dict[str, Any] | None = None

    @property
    def model(self) -> OperationModel:
        found = operation(self.service, self.operation)
        assert found is not None
        return found


@cache
def service_model(service: str) -> ServiceModel | None:
    try:
        return _SESSION.get_service_model(service)
    except UnknownServiceError:
        return None


@cache
def _operations(service: str) -> dict[str, str]:
    model = service_model(service)
    return {} if model is None else {xform_name(name): name for name in model.operation_names}


@cache
def operation(service: str, call: str) -> OperationModel | None:
    """The model of boto3's ``service`` and ``call``; None where there is none."""
    name = _operations(service).get(call)
    model = service_model(service)
    return None if name is None or model is None else model.operation_model(name)


def recordings(folder: Path) -> Iterator[Recording]:
    """All recordings below a folder, of operations that botocore knows."""
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".rst":
            found = _pages(file)
        elif file.name.startswith("examples-1.json"):
            found = _botocore(file)
        elif file.suffix == ".json":
            found = _answer(file)
        else:
            continue
        for one in found:
            if operation(one.service, one.operation) is not None and one.answer:
                yield at_home(one)


def at_home(one: Recording) -> Recording:
    """The recording as if it were made where it is replayed: in its account and its region."""
    text = json.dumps([one.answer, one.asked])
    arns = re.findall(r"arn:aws[\w-]*:[\w-]+:([\w-]*):(\d{12}):", text)
    regions = [region for region, _ in arns if region]
    accounts = [account for _, account in arns]
    if accounts:
        text = text.replace(max(accounts, key=accounts.count), ACCOUNT)
    for region in set(regions):
        if re.fullmatch(r"[a-z]{2}-[a-z]+-\d", region):
            text = text.replace(region, REGION)
    answer, asked = json.loads(text)
    return replace(one, answer=answer, asked=asked)


def _pages(file: Path) -> Iterator[Recording]:
    """What ``SERVICE/OPERATION.rst`` shows as JSON after ``Output``; of a command that reads also what stands
    elsewhere and has the members of its answer."""
    service, call = _SERVICES.get(file.parent.name, file.parent.name), file.stem.replace("-", "_")
    model = operation(service, call)
    if model is None or model.output_shape is None:
        return
    text = file.read_text(encoding="utf-8", errors="replace").expandtabs(4)
    for number, block in enumerate(re.finditer(r"(?m)^ +\{(?:.*\n)(?:[ ]+\S.*\n|[ ]*\n)*", f"{text}\n")):
        after = re.search(r"(?i)output:{1,2}\s*\Z", text[: block.start()])
        if not after and not call.startswith(("describe_", "get_", "list_", "batch_get")):
            continue
        answer = shown(textwrap.dedent(block[0]).strip())
        if isinstance(answer, dict) and (after or answer.keys() <= model.output_shape.members.keys()):
            yield Recording(service, call, answer, f"{file.parent.name}/{file.stem}#{number + 1}")


def shown(text: str) -> Any:
    """What a page shows as JSON, without what people wrote into it by hand (``...``, a comma that is missing
    or too many, a bracket that is not closed, single quotes). None where it is none."""
    decoder = json.JSONDecoder(strict=False)
    mended = re.sub(r"(?m)^\s*\.\.\.\s*,?\s*$|<[a-z ]*truncated[a-z ]*>", "", text)
    mended = re.sub(r"(?m)([}\]\"\d]|true|false|null)[ \t]*$(?=\s*[\"{\[])", r"\1,", mended)
    mended = re.sub(r":\s*'([^'\n]*)'", r': "\1"', mended)
    mended = re.sub(r",(?=\s*[}\],])", "", mended)
    closed = mended + "".join(_open(mended))
    for one in (text, mended, closed):
        try:
            return decoder.raw_decode(one.strip())[0]
        except ValueError:
            continue
    return None


def _open(text: str) -> list[str]:
    """The brackets that would close what is open."""
    stack: list[str] = []
    for one in re.sub(r'"(?:[^"\\\\]|\\\\.)*"', "", text):
        if one in "{[":
            stack.append("}" if one == "{" else "]")
        elif one in "}]" and stack and stack[-1] == one:
            stack.pop()
    return stack[::-1]


def _botocore(file: Path) -> Iterator[Recording]:
    """``SERVICE/DATE/examples-1.json``, packed or not."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    service = file.parent.parent.name
    for name, examples in json.loads(content).get("examples", {}).items():
        for number, one in enumerate(examples):
            answer = one.get("output")
            if isinstance(answer, dict):
                where = f"{service}.{name}#{number + 1}"
                yield Recording(service, xform_name(name), answer, where, one.get("input"))


def _answer(file: Path) -> Iterator[Recording]:
    """``service.Operation_1.json`` of placebo, and ``service-an-operation.json``."""
    try:
        answer = json.loads(file.read_bytes(), object_hook=_placebo)
    except ValueError:
        return
    if isinstance(answer, list):  # what ``tests.recorded.inputs`` wrote
        for one in answer:
            if isinstance(one, dict) and {"service", "operation", "answer", "where"} <= set(one):
                yield Recording(**one)
        return
    if not isinstance(answer, dict):
        return
    placed = re.fullmatch(r"([\w-]+)\.(\w+)_\d+", file.stem)
    if placed and "data" in answer:
        yield Recording(
            _ENDPOINTS.get(placed[1], placed[1]), xform_name(placed[2]), answer["data"], str(file.name)
        )
    elif re.match(r"[a-z0-9]+-[a-z]", file.stem):
        service, _, call = file.stem.partition("-")
        yield Recording(service, call.replace("-", "_"), answer, str(file.name))


def _placebo(value: dict[str, Any]) -> Any:
    """What placebo writes for a time."""
    if value.get("__class__") == "datetime":
        return "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00".format(**value)
    return value
