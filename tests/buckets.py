"""Object stores of this process, and the environments in which each is reached."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape, unescape

import pytest

from drift.loopback import Answer, Request, Server

XML = {"Content-Type": "application/xml"}
#: How stores say that there is no more room: MinIO's disks are full, a quota of MinIO's or Ceph's is used up
#: (https://min.io/docs/minio/linux/reference/minio-mc/mc-quota-set.html,
#: https://docs.ceph.com/en/latest/radosgw/admin/#quota-management).
FULL = ((507, "XMinioStorageFull"), (400, "XMinioAdminBucketQuotaExceeded"), (403, "QuotaExceeded"))
_KEYS = re.compile("<Key>(.*?)</Key>")
_DELETED = re.compile(r"^DELETE (\S+) HTTP", re.MULTILINE)


class Bucket:
    """What Blob Storage, Cloud Storage's XML API and S3 have in common, as far as runs need it: objects in
    memory. ``puts`` are their names in the order in which they came; ``refused`` the endings of names that
    nobody may write."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        #: When each was written; all that was ever written.
        self.written: dict[str, float] = {}
        self.bodies: list[bytes] = []
        self.puts: list[str] = []
        self.refused: tuple[str, ...] = ()
        #: What is answered to whoever writes, where nothing more has room: status and code (FULL).
        self.full: tuple[int, str] | None = None
        self.server = Server(self.answer)

    def answer(self, request: Request) -> Answer:
        if not (self.blob or request.path.startswith("/rep")):
            return Answer(404, b"<Error><Code>NoSuchBucket</Code></Error>", XML)
        name = unquote(request.path).partition("/rep")[2].strip("/")
        query = {key: values[0] for key, values in parse_qs(request.query).items()}
        if request.method == "PUT":
            if self.full is not None:
                status, code = self.full
                return Answer(status, f"<Error><Code>{code}</Code></Error>".encode(), XML)
            if self.refused and name.endswith(self.refused):
                said = b"<Message>You may not.\nRequestId:1\nTime:2</Message>"
                body = b"<Error><Code>AccessDenied</Code>" + said + b"</Error>"
                return Answer(403, body, XML)
            self.objects[name], self.written[name] = request.body, time.time()
            self.puts.append(name)
            self.bodies.append(request.body)
            return Answer(201, b"", self._dates(name))
        if request.method == "POST" and "delete" in request.query:  # S3's batch of deletions
            for one in _KEYS.findall(request.body.decode()):
                self.objects.pop(unescape(one), None)
            return Answer(200, b"<DeleteResult></DeleteResult>", XML)
        if request.method == "POST":  # Blob Storage's
            return self._batch(request.body.decode())
        if request.method == "DELETE":
            return Answer(204 if self.objects.pop(name, None) is not None else 404, b"", {})
        if not name:
            return Answer(200, self._listed(query.get("prefix", ""), "delimiter" in query), XML)
        if name not in self.objects:
            return Answer(404, b"<Error><Code>NoSuchKey</Code></Error>", XML)
        return Answer(200, self.objects[name], self._dates(name))

    def _dates(self, name: str) -> dict[str, str]:
        return {"Last-Modified": formatdate(self.written[name], usegmt=True), "ETag": '"1"'}

    def _batch(self, asked: str) -> Answer:
        parts = []
        for number, path in enumerate(_DELETED.findall(asked)):
            there = self.objects.pop(unquote(path).partition("/rep")[2].strip("/"), None) is not None
            said = "202 Accepted" if there else "404 The specified blob does not exist."
            head = "Content-Type: application/http\r\nContent-ID: {}\r\n\r\nHTTP/1.1 {}\r\n\r\n"
            parts.append(f"--b\r\n{head.format(number, said)}\r\n")
        return Answer(
            202, f"{''.join(parts)}--b--\r\n".encode(), {"Content-Type": "multipart/mixed; boundary=b"}
        )

    def _listed(self, prefix: str, delimited: bool) -> bytes:
        """In the words of each API at once."""
        below = {name: body for name, body in dict(self.objects).items() if name.startswith(prefix)}
        rests = {name: name.removeprefix(prefix).replace("/", "/" if delimited else "\0") for name in below}
        folders = sorted({prefix + rest.partition("/")[0] + "/" for rest in rests.values() if "/" in rest})
        files = [name for name, rest in rests.items() if "/" not in rest]
        blobs = "".join(
            f"<Blob><Name>{escape(name)}</Name><Properties>"
            f"<Last-Modified>{formatdate(self.written[name], usegmt=True)}</Last-Modified>"
            f"<Content-Length>{len(below[name])}</Content-Length>"
            "<Content-Type>a/b</Content-Type><Etag>1</Etag></Properties></Blob>"
            for name in files
        )
        keys = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>"
            f"{datetime.fromtimestamp(self.written[name], UTC):%Y-%m-%dT%H:%M:%SZ}</LastModified>"
            f"<ETag>1</ETag><Size>{len(below[name])}</Size></Contents>"
            for name in files
        )
        inner = "".join(f"<BlobPrefix><Name>{one}</Name></BlobPrefix>" for one in folders)
        outer = "".join(f"<CommonPrefixes><Prefix>{one}</Prefix></CommonPrefixes>" for one in folders)
        if self.blob:
            return f"<EnumerationResults><Blobs>{blobs}{inner}</Blobs></EnumerationResults>".encode()
        return f"<ListBucketResult>{keys}{outer}</ListBucketResult>".encode()

    blob = False


def place(kind: str, monkeypatch: pytest.MonkeyPatch, folder: Path, aws: str, bucket: Bucket) -> str:
    """The URL of a store of this kind, and the environment in which it is reached."""
    said = {"NO_PROXY": "127.0.0.1"}
    if kind == "s3":
        said |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1"}
        said |= {"AWS_ENDPOINT_URL": aws}
    elif kind in ("az", "abfss"):
        bucket.blob = True
        said |= {"AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": bucket.server.url}
        said |= {"AZURE_STORAGE_ACCOUNT_NAME": "devstoreaccount1"}
    elif kind == "gs":
        keys = {"client_email": "", "private_key": "", "private_key_id": ""}
        account = folder / "account.json"
        account.write_text(json.dumps({"gcs_base_url": bucket.server.url, "disable_oauth": True, **keys}))
        said |= {"GOOGLE_SERVICE_ACCOUNT": str(account)}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    return {
        "s3": f"s3://rep/{folder.name}",
        "gs": f"gs://rep/{folder.name}",
        "az": f"az://rep/{folder.name}",
        "abfss": f"abfss://rep@devstoreaccount1.dfs.core.windows.net/{folder.name}",
        "file": f"file://{folder}/store",
    }[kind]
