"""What lies in the place of a Terraform state is called what it is, with what to declare instead."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.config.entry import DeclaredEntry
from drift.declared import load
from drift.errors import DeclaredError
from drift.model import Resource
from drift.source import LiveView
from tests.declared.terraform.test_state import instance, managed, queue, state


def plan() -> bytes:
    """What `terraform plan -out` writes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("tfplan", "tfstate", "tfconfig/m-/main.tf"):
            archive.writestr(name, b"\x1a\x02")
    return out.getvalue()


def pointer(type_: str, **config: Any) -> dict[str, Any]:
    """`.terraform/terraform.tfstate`."""
    return {
        "version": 3,
        "serial": 1,
        "lineage": "l",
        "backend": {"type": type_, "config": config, "hash": 7},
        "modules": [{"path": ["root"], "outputs": {}, "resources": {}, "depends_on": []}],
    }


ENCRYPTED = {
    "serial": 2,
    "lineage": "l",
    "meta": {"key_provider.pbkdf2.mine": "eyJzYWx0IjoiIn0="},
    "encrypted_data": "aGVsbG8=",
    "encryption_version": "v0",
}
SHOWN = {"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {}}}
PLANNED = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {},
    "resource_changes": [],
}  # of nothing
PULL = "`terraform state pull > FILE`"
APPLIED = f"so it declares nothing that is applied; declare the state ({PULL})"
WHERE = "only says where the state is, a backend of type"
HOLE = "holds zero bytes: it was not written to the end, or is damaged; restore it"
UTF16 = "is UTF-16 text (as PowerShell's `>` writes it); save it as UTF-8"
KINDS: list[tuple[Any, str]] = [
    (plan(), f"is a plan file of Terraform's, {APPLIED}"),
    (PLANNED, f"is a plan of Terraform's in JSON, {APPLIED}"),
    (
        SHOWN,
        "is what `terraform show -json` prints, which leaves out what tells resources apart; "
        f"declare the state itself ({PULL})",
    ),
    (
        ENCRYPTED,
        "is a state that OpenTofu encrypted: no `encryption` block says with which key: name its "
        "`configuration`, or set TF_ENCRYPTION; or declare what `tofu state pull > FILE` writes",
    ),
    (
        pointer("s3", bucket="b", key="/shop/x.tfstate", secret_key="hush"),
        f"{WHERE} s3; declare s3://b/shop/x.tfstate",
    ),
    (
        pointer("gcs", bucket="b", prefix="p/"),
        f"{WHERE} gcs; declare gs://b/p/default.tfstate",
    ),
    (
        pointer("azurerm", access_key="hush"),
        f"{WHERE} azurerm; declare what {PULL} writes",
    ),
    (pointer("local", path="x.tfstate"), f"{WHERE} local; declare x.tfstate"),
    (
        {"ID": "i", "Operation": "OperationTypeApply", "Who": "ann@example.com", "Version": "1.9.0"},
        "is the lock of a state that somebody is changing; declare the state itself",
    ),
    ("\ufeff".encode("utf-16-le") + b"{\0", UTF16),
    (json.dumps(state()).encode("utf-16-le"), UTF16),
    (b"\0" * 4096, HOLE),
    (json.dumps(state()).encode() + b"\0" * 4096, HOLE),
    (b"", "is empty: no apply yet, or cut off"),
    (b" \n", "is empty: no apply yet, or cut off"),
]  # fmt: skip


def put(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def read(folder: Path, *paths: str) -> list[Any]:
    providers = plugins.providers()
    from drift.live.estate import Estate

    view: LiveView = Estate(providers)
    declared = load([DeclaredEntry(path=path) for path in paths], folder, providers, {})
    return [one for declaration in declared for one in declaration.resources(view)]


@pytest.mark.parametrize(("content", "said"), KINDS)
def test_it_is_called_what_it_is(tmp_path: Path, content: Any, said: str) -> None:
    put(tmp_path / "x.tfstate", content)
    with pytest.raises(DeclaredError) as error:
        read(tmp_path, "x.tfstate")
    assert str(error.value) == f"x.tfstate: {said}"


@pytest.mark.parametrize("content", [plan(), PLANNED, SHOWN, ENCRYPTED])
def test_under_another_name_too(tmp_path: Path, content: Any) -> None:
    for name in ("tfplan", "state.json"):
        put(tmp_path / name, content)
        with pytest.raises(DeclaredError, match=f"^{name}: is (a|what) "):
            read(tmp_path, name)


def test_a_mark_of_byte_order_is_read_over(tmp_path: Path) -> None:
    put(
        tmp_path / "x.tfstate",
        b"\xef\xbb\xbf" + json.dumps(state(managed("aws_sqs_queue", "a", instance(queue("a"))))).encode(),
    )
    assert [type(one) for one in read(tmp_path, "x.tfstate")] == [Resource]


def test_a_backend_takes_any_name_of_a_state(tmp_path: Path) -> None:
    for name in ("shop", "env:/staging/shop", "web.json", "x.tfstate"):
        put(tmp_path / "states" / name, state(managed("aws_sqs_queue", "a", instance(queue(name)))))
    put(tmp_path / "states" / "notes.json", {"a": 1})
    put(tmp_path / "states" / "tfplan", plan())
    put(tmp_path / "states" / "show.json", SHOWN)
    found = [one.origin.file.removeprefix("states/") for one in read(tmp_path, "states")]
    assert sorted(found) == ["env:/staging/shop", "shop", "web.json", "x.tfstate"]
