"""A stand-in for the Bicep compiler: enough of the language for files of literals, parameters and variables.

Run as ``bicep build --stdout FILE``; prints the ARM template.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

_TOKEN = re.compile(
    r"\s*(?://[^\n]*\n\s*|/\*.*?\*/\s*)*(?P<t>'(?:\\.|[^'\\])*'|-?\d+|[A-Za-z_][\w.]*(?:\(\))?(?:\.\w+)*|[{}\[\]:,=@()])",
    re.S,
)


class Compiler:
    def __init__(self, text: str, folder: Path) -> None:
        self.folder = folder
        self.outputs: dict[str, Any] = {}
        self.tokens = [found["t"] for found in _TOKEN.finditer(text)]
        self.at = 0
        self.parameters: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        self.resources: dict[str, Any] = {}

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def run(self) -> dict[str, Any]:
        while self.at < len(self.tokens):
            word = self.take()
            if word == "@":
                while not self.take().endswith(")"):
                    pass
            elif word == "param":
                name, kind = self.take(), self.take()
                self.parameters[name] = {"type": kind}
                if self.at < len(self.tokens) and self.tokens[self.at] == "=":
                    self.take()
                    self.parameters[name]["defaultValue"] = self.value()
            elif word == "var":
                name = self.take()
                self.take()
                self.variables[name] = self.value()
            elif word == "module":
                name, file = self.take(), text_of(self.take())
                self.take()
                said = self.value()
                inner = Compiler(
                    (self.folder / file).read_text(encoding="utf-8"), (self.folder / file).parent
                )
                self.resources[name] = {
                    "type": "Microsoft.Resources/deployments",
                    "apiVersion": "2022-09-01",
                    "name": said["name"],
                    "properties": {
                        "expressionEvaluationOptions": {"scope": "inner"},
                        "mode": "Incremental",
                        "parameters": {key: {"value": one} for key, one in said.get("params", {}).items()},
                        "template": inner.run(),
                    },
                }
            elif word == "output":
                name, kind = self.take(), self.take()
                self.take()
                self.outputs[name] = {"type": kind, "value": self.value()}
            elif word == "resource":
                name, type_ = self.take(), text_of(self.take())
                self.take()
                body = self.value()
                kind, _, version = type_.partition("@")
                waits = [one.strip("[]") for one in body.pop("dependsOn", ())]
                body |= {"dependsOn": waits} if waits else {}
                self.resources[name] = {"type": kind, "apiVersion": version, **body}
        return {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "languageVersion": "2.0",
            "contentVersion": "1.0.0.0",
            "parameters": self.parameters,
            "variables": self.variables,
            "resources": self.resources,
            "outputs": self.outputs,
        }

    def value(self) -> Any:
        word = self.take()
        if word == "{":
            made = {}
            while self.tokens[self.at] != "}":
                if self.tokens[self.at] == ",":
                    self.take()
                    continue
                key = self.take()
                self.take()
                made[text_of(key) if key.startswith("'") else key] = self.value()
            self.take()
            return made
        if word == "[":
            items = []
            while self.tokens[self.at] != "]":
                if self.tokens[self.at] == ",":
                    self.take()
                else:
                    items.append(self.value())
            self.take()
            return items
        if word.startswith("'"):
            said = text_of(word)
            if re.search(r"(?<!\\)\$\{", word):
                inner = re.sub(r"\$\{(\w+)\}", lambda one: f"', {self.named(one[1])}, '", said)
                return f"[concat('{inner}')]"
            return f"[{said}" if said.startswith("[") and said.endswith("]") else said
        if re.fullmatch(r"-?\d+", word):
            return int(word)
        if word in ("true", "false", "null"):
            return json.loads(word)
        return f"[{self.named(word)}]"

    def named(self, word: str) -> str:
        head, _, tail = word.partition(".")
        more = f".{tail}" if tail else ""
        if head in self.resources and more:
            return f"reference('{head}', '2023-01-01', 'full'){more}"
        if head in self.parameters:
            return f"parameters('{head}'){more}"
        return f"variables('{head}'){more}" if head in self.variables else word


def text_of(token: str) -> str:
    """What a string says; what is interpolated stays."""
    known = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda one: known.get(one[1], one[1]), token[1:-1])


if __name__ == "__main__":
    named = Path(sys.argv[-1])
    print(json.dumps(Compiler(named.read_text(encoding="utf-8"), named.parent).run()))
