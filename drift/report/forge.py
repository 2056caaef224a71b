"""The page of a forge that shows a declared line at its commit, told by the form of the repository's URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from drift.model import Forge

#: ``[USER@]HOST:PATH``, as ssh takes it; no path of Windows, and no URL.
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]+):(?!//)(?P<path>[^\s\\]+)")
#: The forge of a host that is known for it, or that has its name among the words of its own.
_HOSTS: Mapping[str, Forge] = {
    "bitbucket.org": "bitbucket",
    "codeberg.org": "gitea",
    "dev.azure.com": "azure-devops",
    "ssh.dev.azure.com": "azure-devops",
    "git.sr.ht": "sourcehut",
}
#: Hosts that take ssh where its own port is closed, and the one with the pages.
_BEHIND = {
    "altssh.bitbucket.org": "bitbucket.org",
    "altssh.gitlab.com": "gitlab.com",
    "ssh.github.com": "github.com",
}
_WORDS: Mapping[str, Forge] = {
    "github": "github",
    "gitlab": "gitlab",
    "gitea": "gitea",
    "forgejo": "gitea",
    "bitbucket": "bitbucket-server",
}
#: What hosts of an organisation's own at Azure DevOps end with: older names of dev.azure.com.
_VISUAL_STUDIO = ".visualstudio.com"


class _Repository(NamedTuple):
    """``site`` is scheme, host and port of its pages; ``path`` is decoded, with no slash at either end."""

    site: str
    host: str
    path: str
    ssh: bool


def web_link(
    url: str | None,
    commit: str | None,
    file: str | None,
    line: int | None = None,
    forges: Mapping[str, Forge] = MappingProxyType({}),
) -> str | None:
    """The page of a file's line at a commit; None where the forge is not known, or the URL is of none.

    ``url`` is what Git clones from, by https, http, ssh or in scp form; ``forges`` says of hosts that tell
    nothing by their names what runs there. What logs in never gets into the link. Forms: the forges' own
    pages on permanent links.
    """
    if not (url and commit and file):
        return None
    found = _repository(url)
    if found is None:
        return None
    kind = forges.get(found.host) or forge_of(found.host)
    base = _PAGES[kind](found) if kind else None
    if kind is None or base is None:
        return None
    return found.site + _LINES[kind](base, commit, quote(file.lstrip("/"), safe="/"), line)


def opening_link(
    url: str | None, branch: str, base: str, forges: Mapping[str, Forge] = MappingProxyType({})
) -> str | None:
    """The page on which a person opens a pull request of a branch into ``base``; None where the forge is not
    known, or has no such page. Parameters as of :func:`web_link`."""
    found = _repository(url) if url else None
    if found is None:
        return None
    kind = forges.get(found.host) or forge_of(found.host)
    page = _PAGES[kind](found) if kind else None
    form = _OPENING.get(kind) if kind else None
    if page is None or form is None:
        return None
    return found.site + form.format(
        page=page.removesuffix("/browse"),
        branch=quote(branch, safe=""),
        base=quote(base, safe=""),
        branch_path=quote(branch, safe="/"),
        base_path=quote(base, safe="/"),
    )


class Hosted(NamedTuple):
    """Where a repository lives: the kind of forge (None: not known), its pages' address, host, and path."""

    kind: Forge | None
    site: str
    host: str
    path: str


def hosted(url: str, forges: Mapping[str, Forge] = MappingProxyType({})) -> Hosted | None:
    """Where a repository lives that Git clones from ``url``; None where that is no forge's address."""
    found = _repository(url)
    if found is None:
        return None
    kind = forges.get(found.host) or forge_of(found.host)
    return Hosted(kind, found.site, found.host, found.path)


@cache
def _repository(url: str) -> _Repository | None:
    scp = None if "://" in url else _SCP.fullmatch(url)
    if scp:
        scheme, host, port, path = "ssh", scp["host"], None, scp["path"]
    else:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        scheme, host, path = parts.scheme.removeprefix("git+"), parts.hostname or "", parts.path
    host = _BEHIND.get(host.lower(), host.lower())
    path = unquote(path).strip("/").removesuffix(".git").strip("/")
    if scheme not in ("http", "https", "ssh") or not host or not path:
        return None
    ssh = scheme == "ssh"
    shown = f"[{host}]" if ":" in host else host
    site = f"https://{shown}" if ssh else f"{scheme}://{shown}" + (f":{port}" if port else "")
    if host.endswith(("dev.azure.com", _VISUAL_STUDIO)):
        site = "https://dev.azure.com"
    return _Repository(site, host, path, ssh)


def forge_of(host: str) -> Forge | None:
    """The forge that a host is known to run, by its name or by a word in it; None where nothing tells."""
    host = host.lower()
    if host in _HOSTS or host.endswith(_VISUAL_STUDIO):
        return _HOSTS.get(host, "azure-devops")
    return next((kind for word, kind in _WORDS.items() if word in re.split(r"[.-]", host)), None)


def _plain(found: _Repository) -> str | None:
    return f"/{quote(found.path)}" if "/" in found.path else None


def _bitbucket_server(found: _Repository) -> str | None:
    """``/scm/PROJECT/REPOSITORY`` by http, ``PROJECT/REPOSITORY`` by ssh; ``~NAME`` is a person's."""
    *_, project, name = ["", *found.path.split("/")]
    if not project or not name:
        return None
    whose = f"users/{quote(project[1:])}" if project.startswith("~") else f"projects/{quote(project)}"
    return f"/{whose}/repos/{quote(name)}/browse"


def _azure_devops(found: _Repository) -> str | None:
    """``ORGANISATION/PROJECT/_git/REPOSITORY``, or without a project that is called as the repository is;
    by ssh ``v3/ORGANISATION/PROJECT/REPOSITORY``."""
    parts = [part for part in found.path.split("/") if part != "DefaultCollection"]
    if parts[0] == "v3" and len(parts) == 4:
        organisation, project, name = parts[1:]
    elif "_git" in parts and parts[-2] == "_git":
        name, before = parts[-1], parts[:-2]
        if found.host.endswith(_VISUAL_STUDIO):
            before.insert(0, found.host.removesuffix(_VISUAL_STUDIO))
        if not 1 <= len(before) <= 2:
            return None
        organisation, project = before[0], before[1] if len(before) == 2 else name
    else:
        return None
    return f"/{quote(organisation)}/{quote(project)}/_git/{quote(name)}"


def _azure_line(base: str, commit: str, file: str, line: int | None) -> str:
    at = f"&line={line}&lineEnd={line + 1}&lineStartColumn=1&lineEndColumn=1" if line else ""
    return f"{base}?path=/{file}&version=GC{commit}{at}"


def _lined(form: str, anchor: str = "#L{}") -> Callable[[str, str, str, int | None], str]:
    def link(base: str, commit: str, file: str, line: int | None) -> str:
        return form.format(base=base, commit=commit, file=file) + (anchor.format(line) if line else "")

    return link


_PAGES: Mapping[Forge, Callable[[_Repository], str | None]] = {
    "github": _plain,
    "gitlab": _plain,
    "gitea": _plain,
    "bitbucket": _plain,
    "bitbucket-server": _bitbucket_server,
    "azure-devops": _azure_devops,
    "sourcehut": _plain,
}
_LINES: Mapping[Forge, Callable[[str, str, str, int | None], str]] = {
    "github": _lined("{base}/blob/{commit}/{file}"),
    "gitlab": _lined("{base}/-/blob/{commit}/{file}"),
    "gitea": _lined("{base}/src/commit/{commit}/{file}"),
    "bitbucket": _lined("{base}/src/{commit}/{file}", "#lines-{}"),
    "bitbucket-server": _lined("{base}/{file}?at={commit}", "#{}"),
    "azure-devops": _azure_line,
    "sourcehut": _lined("{base}/tree/{commit}/item/{file}"),
}
#: The forges' pages that open one, told by what they print when a branch is pushed, and by their documents on
#: such addresses; sourcehut has patches by mail instead.
_OPENING: Mapping[Forge, str] = {
    "github": "{page}/compare/{base_path}...{branch_path}?expand=1",
    "gitlab": "{page}/-/merge_requests/new?merge_request%5Bsource_branch%5D={branch}"
    "&merge_request%5Btarget_branch%5D={base}",
    "gitea": "{page}/compare/{base_path}...{branch_path}",
    "bitbucket": "{page}/pull-requests/new?source={branch}&dest={base}",
    "bitbucket-server": "{page}/pull-requests?create&sourceBranch=refs%2Fheads%2F{branch}"
    "&targetBranch=refs%2Fheads%2F{base}",
    "azure-devops": "{page}/pullrequestcreate?sourceRef={branch}&targetRef={base}",
}
