"""What only Git calls secret is in no byte of what writes the live side down, however it stands there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import yaml

from drift.config.model import parse
from drift.scan import Run
from tests.conftest import Ran, start_drift
from tests.redaction.test_known_everywhere import ACCOUNT, kubernetes, queue
from tests.redaction.test_redact_everywhere import outputs, plain

#: Nobody would take one of these for a secret by its look.
SECRETS = {
    "a Secret": "brvkq zmtwplx & <more>",
    "a sensitive output": "wq8-trombone/blue+sky",
    "a sensitive attribute": "quiet meadow twelve",
    "a sensitive variable": "lantern-over-water",
    "a NoEcho parameter": "copper kettle nine",
    "what is given to a NoEcho parameter": "seven wooden doors",
    "a secure parameter": "walnut stair rail",
    "an encoded Secret": "paper moon harbour",
}
#: Each as it may stand in a text.
WRITTEN = {
    "plain": lambda text: text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "within base64": lambda text: base64.b64encode(f"set it to {text} now".encode()).decode(),
    "within base64, one on": lambda text: base64.b64encode(f"set it to: {text}, now".encode()).decode(),
    "within base64, two on": lambda text: base64.b64encode(f"set it to:  {text}".encode()).decode(),
    "URL": lambda text: f"https://example.com/?note={quote(text, safe='')}&x=1",
    "form": lambda text: f"https://example.com/?note={quote_plus(text)}&x=1",
    "JSON": lambda text: json.dumps({"note": f"it is {text}"}),
    "JSON in JSON": lambda text: json.dumps({"note": json.dumps([text])}),
    "JSON as Go writes it": lambda text: (
        f'{{"note": "{text}"}}'.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    ),
    "hexadecimal": lambda text: text.encode().hex(),
}


def declared(folder: Path) -> dict[str, Any]:
    """Files that say each of the secrets, and the drift.yaml that names them."""
    secret = kubernetes("Secret", "s", stringData={"any": SECRETS["a Secret"]})["attributes"]
    coded = base64.b64encode(SECRETS["an encoded Secret"].encode()).decode()
    other = kubernetes("Secret", "t", data={"any": coded})["attributes"]
    (folder / "objects.yaml").write_text(yaml.safe_dump_all([secret, other]))
    marked = {"attributes": {"id": "t", "handle": SECRETS["a sensitive attribute"]}}
    marked["sensitive_attributes"] = [[{"type": "get_attr", "value": "handle"}]]
    resource = {"mode": "managed", "type": "other_thing", "name": "t", "instances": [marked]}
    resource["provider"] = 'provider["registry.terraform.io/hashicorp/other"]'
    outputs = {"o": {"value": SECRETS["a sensitive output"], "type": "string", "sensitive": True}}
    state = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x"}
    (folder / "app").mkdir()
    (folder / "app" / "terraform.tfstate").write_text(
        json.dumps(state | {"outputs": outputs, "resources": [resource]})
    )
    (folder / "app" / "main.tf").write_text(
        'variable "v" {\n  sensitive = true\n}\nresource "other_thing" "t" {\n  handle = "x"\n}\n'
    )
    (folder / "app" / "terraform.tfvars").write_text(f'v = "{SECRETS["a sensitive variable"]}"\n')
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {
            "P": {"Type": "String", "NoEcho": True, "Default": SECRETS["a NoEcho parameter"]},
            "Q": {"Type": "String", "NoEcho": True},
        },
        "Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}},
    }
    (folder / "stack.json").write_text(json.dumps(template))
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    secure = {"type": "securestring", "defaultValue": SECRETS["a secure parameter"]}
    arm = {"$schema": schema, "contentVersion": "1.0.0.0", "parameters": {"p": secure}, "resources": []}
    (folder / "arm.json").write_text(json.dumps(arm))
    given = {"Q": SECRETS["what is given to a NoEcho parameter"]}
    return {
        "version": 1,
        "declared": [
            {"path": "objects.yaml", "scope": "prod"},
            {"path": "app"},
            {"path": "stack.json", "scope": ACCOUNT, "region": "eu-west-1", "parameters": given},
            {"path": "arm.json"},
        ],
    }


def live(folder: Path) -> None:
    """A snapshot of a live side that has all of them where nothing tells of a secret."""
    notes = [write(text) for text in SECRETS.values() for write in WRITTEN.values()]
    records = [queue(f"q{number}", note=note) for number, note in enumerate(notes)]
    records += [kubernetes("ConfigMap", f"m{number}", data={"f": note}) for number, note in enumerate(notes)]
    head = {"drift_snapshot": 1, "resources": len(records)}
    (folder / "live.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in (head, *records)))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, bytes], dict[str, Ran], Path]]:
    folder = tmp_path_factory.mktemp("git")
    (folder / "drift.yaml").write_text(yaml.safe_dump(declared(folder)))
    live(folder)
    given = ("--live", "live.jsonl")
    ran = {
        "snapshot": start_drift(folder, "snapshot", *given, "-o", "out/live.jsonl"),
        "baseline": start_drift(
            folder, "baseline", *given, "-o", "out/baseline", env={"DRIFT_REDACTION_KEY": "k"}
        ),
    }
    said = {name: (one.stdout + one.stderr).encode() for name, one in ran.items()}
    yield {**dict(outputs(folder / "out")), **said}, ran, folder


@pytest.mark.parametrize("key", ["k", "another"])
def test_a_baseline_that_hides_them_is_no_drift(key: str, told: Any) -> None:
    text = f"version: 1\nredaction: {{key: {key}}}\ndeclared: [{{path: out/baseline}}]\n"
    folder = told[2]
    report = Run(parse(text, "drift.yaml", folder, None, {}), live=[folder / "live.jsonl"]).scan().report
    assert report["problems"] == [] and report["findings"] == []
    unsure = report["unverifiable"]
    assert (len(unsure) > 100) == (key == "another")


@pytest.mark.parametrize("secret", SECRETS)
def test_no_byte_tells(told: tuple[dict[str, bytes], dict[str, Ran], Path], secret: str) -> None:
    text = SECRETS[secret]
    go = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    forms = {text, quote(text, safe=""), quote_plus(text), text.encode().hex(), go, json.dumps(go)[1:-1]}
    files, ran, _ = told
    assert {one.code for one in ran.values()} == {0}, [one.stderr for one in ran.values()]
    assert sum(b"$secret:" in content for content in files.values()) >= 3
    searched = {name: plain(content) for name, content in files.items()}
    assert {name for name, all_ in searched.items() for form in forms if form.encode() in all_} == set()


def test_what_cant_be_known_is_told(tmp_path: Path) -> None:
    config = declared(tmp_path)
    live(tmp_path)
    given = ("--live", "live.jsonl", "-o", "out.jsonl")
    nobody = start_drift(tmp_path, "snapshot", *given)
    assert nobody.code == 0 and "there is no drift.yaml here" in nobody.stderr
    (tmp_path / "arm.json").write_text("{")
    (tmp_path / "drift.yaml").write_text(yaml.safe_dump(config))
    broken = start_drift(tmp_path, "snapshot", *given)
    assert broken.code == 3, broken.stderr
    assert "not read: arm.json" in broken.stderr and "look through what was written" in broken.stderr
