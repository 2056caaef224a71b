"""The estate of every type in the partitions beside the commercial one, as Terraform and the program left
it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from drift.model import Resource
from drift.records import snapshot
from providers.aws.partitions import partition_of
from tests.providers.aws.terraform import ESTATE

#: Secrets of both sides are hashed with it, so that they can be compared.
REDACTION_KEY = "partitions"
#: A service principal or an endpoint; the groups of S3's grants are URIs that are the same everywhere.
_DOMAIN = re.compile(r'(?<!acs)\.amazonaws\.com(?=["/])')


@dataclass(frozen=True, slots=True)
class Recorded:
    """One partition's estate, by the region in which it stands."""

    region: str

    @property
    def partition(self) -> str:
        return partition_of(self.region).name

    @property
    def state(self) -> Path:
        return Path(__file__).with_name(f"{self.region}.tfstate.zst")

    @property
    def snapshot(self) -> Path:
        return Path(__file__).with_name(f"{self.region}.jsonl.zst")

    def live(self) -> Iterator[Resource]:
        """The live resources of the snapshot."""
        return (one for one in snapshot.read(self.snapshot) if isinstance(one, Resource))

    def unpack(self, folder: Path) -> Path:
        """The Terraform state, as a file in a folder."""
        file = folder / "terraform.tfstate"
        file.write_bytes(zstandard.ZstdDecompressor().decompress(self.state.read_bytes()))
        return file

    def sources(self) -> Iterator[tuple[str, str]]:
        """Names and texts of the estate's ``.tf`` files, moved to this region."""
        for file in sorted(ESTATE.glob("*.tf")):
            if file.name == "cloudfront.tf" and self.partition == "aws-cn":
                continue  # the loopback AWS takes no bucket of China's for an origin
            text = file.read_text(encoding="utf-8").replace("us-east-1", self.region)
            text = _DOMAIN.sub(f".{partition_of(self.region).suffix}", text)
            yield file.name, text.replace("arn:aws:", f"arn:{self.partition}:")


RECORDED = (Recorded("us-gov-west-1"), Recorded("cn-north-1"))
