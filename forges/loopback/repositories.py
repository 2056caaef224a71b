"""Bare Git repositories, served over HTTP by `git http-backend`."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from drift.loopback import Answer, Request

_SERVICES = ("/info/refs", "/git-upload-pack", "/git-receive-pack", "/HEAD")
_SECONDS = 60
_HEADS = "refs/heads/"
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[http]\n\treceivepack = true\n"


class Repositories:
    """The repositories below a folder, each by its path (``acme/infra``)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, path: str, branch: str = "main") -> None:
        """An empty one; no process is run for it. Source: gitrepository-layout(5)."""
        at = self._at(path)
        for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (at / name).mkdir(parents=True)
        (at / "HEAD").write_text(f"ref: refs/heads/{branch}\n", encoding="utf-8")
        (at / "config").write_text(_CONFIG, encoding="utf-8")

    def head(self, path: str, branch: str) -> str | None:
        """The commit that a branch is at, None where there is no such branch."""
        return self.heads(path).get(branch)

    def heads(self, path: str) -> dict[str, str]:
        """Branch → commit."""
        at = self._at(path)
        found: dict[str, str] = {}
        packed = at / "packed-refs"
        if packed.is_file():
            for line in packed.read_text(encoding="utf-8").splitlines():
                commit, _, name = line.partition(" ")
                if name.startswith(_HEADS):
                    found[name.removeprefix(_HEADS)] = commit
        top = at / "refs" / "heads"
        for folder, _, names in os.walk(top):
            for name in names:
                file = Path(folder, name)
                if not name.endswith(".lock"):
                    found[file.relative_to(top).as_posix()] = file.read_text(encoding="utf-8").strip()
        return found

    def commit(
        self, path: str, branch: str, files: Mapping[str, str], message: str, author: str = "Ann Lee"
    ) -> str:
        """Commits files onto a branch, which begins at main where it is new; gives the commit."""
        heads = self.heads(path)
        start = branch if branch in heads else "main" if "main" in heads else None
        said = [f"commit refs/heads/{branch}", f"committer {author} <ann@acme.example> 1790000000 +0000"]
        said.append(_data(message))
        if start is not None:
            said.append(f"from {heads[start]}")
        said += [f"M 100644 inline {name}\n{_data(text)}" for name, text in files.items()]
        at = self._at(path)
        _git("--git-dir", str(at), "fast-import", "--quiet", "--force", given="\n".join([*said, ""]).encode())
        return self.heads(path)[branch]

    def move(self, path: str, branch: str, commit: str | None) -> None:
        """Sets a branch to a commit, or deletes it."""
        ref = f"refs/heads/{branch}"
        _git(
            "--git-dir",
            str(self._at(path)),
            "update-ref",
            *(("-d", ref) if commit is None else (ref, commit)),
        )

    def push(self, path: str, repository: Path) -> None:
        """Takes over all branches of a repository on disk."""
        at = self._at(path)
        _git("--git-dir", str(at), "fetch", "-q", str(repository), "+refs/heads/*:refs/heads/*")

    def diff(self, path: str, base: str, branch: str) -> str:
        """What a branch changes since it left another."""
        said = f"refs/heads/{base}...refs/heads/{branch}"
        return _git("--git-dir", str(self._at(path)), "diff", "--no-color", said).decode("utf-8", "replace")

    def show(self, path: str, revision: str, file: str) -> str:
        """What a file holds at a revision."""
        return _git("--git-dir", str(self._at(path)), "show", f"{revision}:{file}").decode()

    def serves(self, request: Request) -> bool:
        """Whether a request is Git's."""
        return request.path.endswith(_SERVICES)

    def answer(self, request: Request, path: str) -> Answer:
        """Git's answer to a request for a repository of this path."""
        service = next(one for one in _SERVICES if request.path.endswith(one))
        done = subprocess.run(
            ["git", "http-backend"],
            input=request.body,
            env={
                **_ENVIRONMENT,
                "GIT_PROJECT_ROOT": str(self._folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
                "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
                "CONTENT_TYPE": request.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(request.body)),
                "REQUEST_METHOD": request.method,
                "PATH_INFO": f"/{_folder(path)}.git{service}",
                "QUERY_STRING": request.query,
                "REMOTE_USER": "loopback",
                "REMOTE_ADDR": "127.0.0.1",
            },
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(headers.pop("Status", "200 OK").split()[0])
        return Answer(status, content, headers)

    def _at(self, path: str) -> Path:
        return self._folder / f"{_folder(path)}.git"


def login(request: Request) -> tuple[str, str] | None:
    """Name and password of basic authentication."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(said, validate=True).decode().partition(":")
    except ValueError:
        return None
    return name, password


def asked_for(request: Request) -> str:
    """The path of the repository that Git asks for."""
    path = request.path
    for service in _SERVICES:
        path = path.removesuffix(service)
    return unquote(path).strip("/").removesuffix(".git")


def _folder(path: str) -> str:
    """The folder of a repository: its path with nothing that leads elsewhere."""
    return "/".join(part for part in path.split("/") if part not in ("", ".", ".."))


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}"


_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


def _git(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["git", *arguments], input=given, env=_ENVIRONMENT, capture_output=True, check=True, timeout=_SECONDS
    ).stdout
