"""Odd inputs of drift.yaml: each is read, or is one error of one line with its place, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.config.model import load
from drift.errors import DriftError

BOMB = "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12))

READ = {
    "a mark of byte order": b"\xef\xbb\xbfversion: 1\n",
    "lines of Windows": b"version: 1\r\ndeclared: []\r\n",
    "anchors": b"version: 1\ndeclared: [&a {path: x}, *a]\n",
    "merged keys": b"version: 1\nlive: {aws: &a {regions: [eu-west-1]}}\n"
    b"environments: {s: {live: {aws: {<<: *a, regions: [us-east-1]}}}}\n",
    "a default of nothing": b'version: 1\ndeclared: [{path: a, ref: "${A:-}"}]\n',
    "what begins no variable here": b'version: 1\ndeclared: [{path: a, ref: "${a:b}"}]\n',
}
#: What is refused → where, and of what the reason tells.
REFUSED: dict[bytes, str] = {
    b"": "drift.yaml: expected a mapping",
    b"# only this\n": "drift.yaml: expected a mapping",
    b"hello\n": "drift.yaml: expected a mapping",
    b"version: 1\ndeclared:\n\t- path: a\n": "drift.yaml:3: no valid YAML: found character",
    b"version: 1\r\ndeclraed: []\r\n": "drift.yaml:2: declraed: unknown key; did you mean 'declared'?",
    "version: 1\n".encode("utf-16"): "drift.yaml: is UTF-16 text",
    b"version: 1\nenvironment: \xe9\n": "drift.yaml:2: is not UTF-8 text",
    b"version: 1\nenv\0: a\n": "drift.yaml: holds zero bytes",
    b"version: 1\nlive: {aws: {regions: [a], regions: [b]}}\n": "drift.yaml:2: live.aws.regions: the key is ",
    b"version: 1\nlive: {<<: 5}\n": "drift.yaml:2: no valid YAML: expected a mapping",
    b"version: 1\ndeclared: *x\n": "drift.yaml:2: no valid YAML: found undefined alias",
    b"version: 1\nlive: &a {aws: *a}\n": "drift.yaml:2: the value contains itself",
    b"version: 1\nenvironment: !!python/name:os.system\n": "drift.yaml:2: no valid YAML: nothing here knows ",
    b"version: 1\n---\nversion: 1\n": "drift.yaml:3: no valid YAML: expected a single document",
    b"version: 1\nworkers: " + b"9" * 5000: "drift.yaml: no valid YAML: a number has more digits",
    b"version: 1\ndeclared: " + b"[" * 3000 + b"]" * 3000: "drift.yaml:2: can't be read: it nests deeper",
    f"version: 1\na: &a [x, x]\n{BOMB}".encode(): "drift.yaml:",
    b"version: 1\n1: a\n": "drift.yaml:2: 1: a key is a text; quote it",
    b"version: 1\nenvironments: {1: {}}\n": "drift.yaml:2: environments.1: a key is a text; quote it",
    b"version: 1\n? [a, b]\n: c\n": "drift.yaml:2: no valid YAML: found unhashable key",
    b"version: '1'\n": "drift.yaml:1: version: ",
    b"version: 1\ndeclared: a\n": "drift.yaml:2: declared: is to be a list",
    b"version: 1\ndeclared: [a]\n": "drift.yaml:2: declared.0: is to be a mapping",
    b"version: 1\ndeclared: {path: a}\n": "drift.yaml:2: declared: is to be a list",
    b"version: 1\ndeclared: [{path: 5}]\n": "drift.yaml:2: declared.0.path: is to be a text",
    b"version: 1\ndeclared: [{path: ''}]\n": "drift.yaml:2: declared.0: needs `path` or `git`",
    b"version: 1\nlive: aws\n": "drift.yaml:2: live: is to be a mapping",
    b"version: 1\nlive: {aws: [a]}\n": "drift.yaml:2: live.aws: is to be a mapping",
    b"version: 1\nlive: {aws: {regions: eu-west-1}}\n": "drift.yaml:2: live.aws.regions: is to be a list",
    b"version: 1\nlive: {aws: {regions: [no]}}\n": "drift.yaml:2: live.aws.regions.0: is to be a text",
    b"version: 1\nlive: {azure: {timeout: .inf}}\n": "drift.yaml:2: live.azure.timeout: ",
    b"version: 1\nlive: {azure: {timeout: .nan}}\n": "drift.yaml:2: live.azure.timeout: ",
    b"version: 1\nlive: {azure: {timeout: 1e300}}\n": "drift.yaml:2: live.azure.timeout: ",
    b"version: 1\noutput: {formats: [htm]}\n": "drift.yaml:2: output.formats: there is no format 'htm'; did ",
    b"version: 1\nenvironment: ${NOPE}\n": "drift.yaml:2: environment: the environment variable NOPE is not ",
    b"version: 1\nenvironment: ${1X}\n": "drift.yaml:2: environment: `${` begins no variable here",
    b"version: 1\nenvironment: ${NOPE\n": "drift.yaml:2: environment: `${` begins no variable here",
    b"version: 1\nenvironment: ${my-var}\n": "drift.yaml:2: environment: `${` begins no variable here",
    b"version: 1\nenvironment: ${A:-${B:-c}}\n": "drift.yaml:2: environment: the default of ${A} can hold no",
    b'version: 1\nenvironment: "a\\nb"\n': "drift.yaml:2: environment: is a name of 1 to 100 letters",
    b"version: 1\nenvironment: " + b"x" * 300_000: "drift.yaml:2: environment: is a name of 1 to 100 letters",
    b"version: 1\nworkers: 'file:///nope'\n": "drift.yaml:2: workers (file): the file: can't be read",
    b"version: 1\nredaction: {key: 'VAULT://a#b'}\n": "drift.yaml:2: redaction.key: is no reference as it is",
    b"version: 1\nsecrets: {valt: {}}\n": "drift.yaml:2: secrets.valt: there is no secret store 'valt'; did ",
    b"version: 1\ndeadline: 50\n": "drift.yaml:2: deadline: is to be a text",
    b"version: 1\ndeadline: 9999999999d\n": "drift.yaml:2: deadline: '9999999999d' is longer than a hundred ",
    b"version: 1\ngrace: " + b"9" * 5000 + b"d": "drift.yaml:2: grace: a duration has more than 12 digits",
    b"version: 1\noutput: {keep: 99999999999d}\n": "drift.yaml:2: output.keep: ",
    b"version: 1\nresume: {max_age: 99999999999d}\n": "drift.yaml:2: resume.max_age: ",
    b"version: 1\nhistory: {keep: 99999999999d}\n": "drift.yaml:2: history.keep: ",
    b"version: 1\nignore: [{type: x, reason: r, until: 2027-13-45}]\n": "drift.yaml:2: ignore.0.until: ",
    b"version: 1\nfail_on: no\n": "drift.yaml:2: fail_on: ",
    b"version: 1\nenvironments: {a: b}\n": "drift.yaml:2: environments.a: is to be a mapping",
    b"version: 1\nnotify: slack\n": "drift.yaml:2: notify: is to be a list",
    b"version: 1\noutput: {directory: 'file:///srv'}\n": "drift.yaml:2: output.directory: names a folder",
    b'version: 1\n"\\x1b[31m": 1\n': "drift.yaml:2: ",
}


def read(content: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for name in ("A", "B", "NOPE"):
        monkeypatch.delenv(name, raising=False)
    Path("drift.yaml").write_bytes(content)
    load(Path("drift.yaml"))


@pytest.mark.parametrize("name", READ)
def test_what_is_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(READ[name], tmp_path, monkeypatch)


@pytest.mark.parametrize("content", REFUSED, ids=lambda content: str(content[:60]))
def test_what_is_refused(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DriftError) as error:
        read(content, tmp_path, monkeypatch)
    told = str(error.value)
    assert told.startswith(REFUSED[content])
    assert "\n" not in told and len(told) < 700
    assert [one.name for one in tmp_path.iterdir()] == ["drift.yaml"]
