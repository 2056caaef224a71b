"""The indexes of what Terraform's providers say of their attributes."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from drift import plugins
from drift.declared.terraform.compile_schemas import compiled

#: (type, attribute, what its provider's documentation says of it)
KNOWN = [
    ("aws_sqs_queue", "delay_seconds", "optional"),
    ("aws_sqs_queue", "arn", "computed"),
    ("aws_db_instance", "password", "optional"),
    ("aws_db_instance", "kms_key_id", "chosen"),
    ("aws_s3_bucket_versioning", "bucket", "required"),
    ("aws_db_instance", "name", "chosen"),  # up to 4
    ("azurerm_storage_account", "account_tier", "required"),
    ("azurerm_storage_account", "primary_access_key", "computed"),
    ("google_storage_bucket", "location", "required"),
    ("google_compute_instance", "deletion_protection", "optional"),
]


@pytest.mark.parametrize(("type_", "name", "mode"), KNOWN)
def test_what_a_provider_says_of_an_attribute(type_: str, name: str, mode: str) -> None:
    dialects = [one.terraform for one in plugins.providers().values() if one.terraform is not None]
    (dialect,) = [one for one in dialects if one.owns(type_)]
    said = dialect.attributes(type_)
    assert said is not None
    assert said[name].mode == mode


def test_what_is_sensitive_stays_so_where_a_later_source_does_not_say(tmp_path: Path) -> None:
    printed = tmp_path / "printed.json"
    attribute = {"type": "string", "optional": True, "sensitive": True}
    block = {
        "attributes": {"secret": attribute},
        "block_types": {"disk": {"block": {"attributes": {"size": attribute}}}},
    }
    printed.write_text(
        json.dumps({"provider_schemas": {"x": {"resource_schemas": {"x_thing": {"block": block}}}}})
    )
    module = """
class ThingDiskOutputReference extends cdktf.ComplexObject {
  // size - computed: false, optional: false, required: true
}
class Thing extends cdktf.TerraformResource {
  static tfResourceType = "x_thing";
  // secret - computed: true, optional: true, required: false
  // disk - computed: false, optional: true, required: false
  disk = new ThingDiskOutputReference(this, "disk");
}
"""
    package = tmp_path / "package.tgz"
    with tarfile.open(package, "w:gz") as archive:
        entry = tarfile.TarInfo("package/lib/thing/index.js")
        entry.size = len(module)
        archive.addfile(entry, io.BytesIO(module.encode()))
    found = compiled([printed, package])["types"]
    assert found == {"x_thing": "disk? disk.size!* secret~*"}
