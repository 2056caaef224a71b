"""Exports of stacks, written as ``pulumi stack export`` writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIGNATURE = "4dabf18193072939515e22adb298388d"
CIPHER = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:PZ7b3nQ:AAECAwQFBgcICQ=="}
ASSET = {SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7", "hash": "9f86d0", "path": "./app"}
STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def shown(text: str) -> dict[str, Any]:
    """A secret as ``--show-secrets`` writes it."""
    return {SIGNATURE: CIPHER[SIGNATURE], "plaintext": f'"{text}"'}


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{type_}::{name}"


def provider(package: str, name: str = "default_7_8_0", **inputs: Any) -> dict[str, Any]:
    type_ = f"pulumi:providers:{package}"
    return {
        "urn": urn(type_, name), "custom": True, "id": "ad2d2c1e-8e4a-4c7e-a4f8-0f7d9c9b8b11", "type": type_,
        "inputs": {"version": "7.8.0", **inputs}, "outputs": {"version": "7.8.0", **inputs},
    }  # fmt: skip


def made(
    type_: str, name: str, id_: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    package = type_.partition(":")[0]
    return {
        "urn": urn(type_, name), "custom": True, "id": id_, "type": type_,
        "inputs": {"__defaults": [], **inputs}, "outputs": {"__meta": "{}", "id": id_, **outputs},
        "parent": STACK, "provider": f"{provider(package)['urn']}::{provider(package)['id']}",
        "propertyDependencies": {}, "created": "2026-01-02T03:04:05Z", "modified": "2026-01-02T03:04:05Z",
        **more,
    }  # fmt: skip


def export(*resources: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    stack = {"urn": STACK, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": {"url": "x"}}
    packages = dict.fromkeys(str(one["type"]).partition(":")[0] for one in resources)
    given = {
        str(one["type"]).rpartition(":")[2] for one in resources if str(one["type"]).startswith("pulumi:")
    }
    own = [provider(one) for one in packages if one != "pulumi" and one not in given]
    manifest = {"time": "2026-01-02T03:04:05Z", "magic": "m", "version": "v3.150.0"}
    deployment = {
        "manifest": manifest, "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:x"}},
        "resources": [stack, *own, *resources], "metadata": {}, **more,
    }  # fmt: skip
    return {"version": 3, "deployment": deployment}


def checkpoint(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same as a backend of one's own keeps it."""
    return {"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": content["deployment"]}}
