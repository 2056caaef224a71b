"""What each example of the AWS CLI's pages asks, beside what it is answered.

Run by a Python that has ``awscli``, whose own parser reads the command lines:
``python -m tests.recorded.inputs EXAMPLES > pairs.json``.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

MAKING = re.compile(r"^(create|put|run|register|allocate|request|import|add|publish)-")


class Asked(Exception):  # noqa: N818 - it is how a command ends, no error
    """The command was read; nothing is sent."""


def pairs(folder: Path) -> Iterator[dict[str, Any]]:
    from awscli.clidriver import create_clidriver  # type: ignore[import-not-found]
    from botocore import xform_name

    driver = create_clidriver()
    found: list[Any] = []

    def asked(params: Any, model: Any, **_: Any) -> None:
        found.append((model.service_model.service_name, xform_name(model.name), params))
        raise Asked

    driver.session.register("provide-client-params.*.*", asked)
    for file in sorted(folder.rglob("*.rst")):
        if not MAKING.match(file.stem):
            continue
        text = file.read_text(encoding="utf-8", errors="replace").expandtabs(4)
        parts = re.split(r"(?im)^\s*(?:sample |example )?output:{1,2}\s*$", text)
        for number, (before, after) in enumerate(zip(parts, parts[1:], strict=False)):
            commands = re.findall(r"(?m)^ +(aws [\w-]+ [\w-]+(?:.*\\\n)*.*(?:\n +--.*)*)", before)
            block = re.match(r"\s*\n((?:[ ]+\S.*\n|[ ]*\n)+)", f"\n{after}\n")
            if not commands or block is None:
                continue
            try:
                answer, _ = json.JSONDecoder(strict=False).raw_decode(textwrap.dedent(block[1]).strip())
                words = shlex.split(commands[-1].replace("\\\n", " "))
            except ValueError:
                continue
            found.clear()
            beside = _files(before)
            words = [_inline(word, beside) for word in words[1:]]
            if "--profile" in words:
                at = words.index("--profile")
                del words[at : at + 2]
            with suppress(SystemExit):
                driver.main(["--region", "us-east-1", *words])
            if found and isinstance(answer, dict):
                service, call, params = found[-1]
                where = f"{file.parent.name}/{file.stem}#{number + 1}"
                yield {
                    "service": service,
                    "operation": call,
                    "answer": answer,
                    "where": where,
                    "asked": params,
                }


def _files(text: str) -> dict[str, str]:
    """The contents of files that a page shows: ``Contents of ``name.json``::``."""
    shown = re.findall(r"(?im)`{1,2}([\w./-]+\.json)`{1,2}[^\n]*:{1,2}\s*\n\s*\n((?: +\S.*\n|\s*\n)+)", text)
    return {name: textwrap.dedent(block) for name, block in shown}


def _inline(word: str, files: dict[str, str]) -> str:
    name = word.partition("file://")[2]
    return files.get(name, files.get(name.rpartition("/")[2], word)).strip() if name else word


if __name__ == "__main__":
    json.dump(list(pairs(Path(sys.argv[1]))), sys.stdout, default=str, indent=1)
