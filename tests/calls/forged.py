"""What is asked of forges: all that is read and written of a pull request and an issue, and the ways in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from drift import plugins
from drift.forge import ForgeError, Hosted
from forges.loopback import FORGES
from forges.loopback.server import TOKEN
from tests.calls.clouds import Maker
from tests.calls.stand import FAULTS, Outcome, Stand, asked, environment
from tests.faulty import Call, faulty
from tests.forges.stands import LABELLED, Patient, draft, stand
from tests.forges.stands import Stand as There
from tests.forges.test_vault import JWT, KEEPS, Kept

_QUIET = {"NO_PROXY": "127.0.0.1"}
#: Of what is done already the answer tells no more.
_DONE = {
    (
        "(POST|PATCH|PUT) (?!.*(/wiql|/login|/access_tokens)$).*",
        "cut|reset|garbage|empty|foreign|html|endless",
    ): "it is done, and found so next time",
    ("GET .*/branches/[^/]*", "empty|foreign"): "that it is there says the status",
    ("GET .*/assignees/[^/]*", "cut|empty|foreign"): "that somebody can be assigned says the status",
    ("GET .*/orgs/[^/]*", "empty|foreign"): "writing says what can't be written",
}
#: What is done by a forge that has no drafts is noted in any weather.
_NO_DRAFTS = "ready for review"
#: What people added, which stays whatever happens.
PEOPLES = "peoples-own"
#: Whom drift assigns, and whom a person did.
_OURS, _THEIRS = "ben", "ann"


def _drafts(name: str, made: There) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What is said when a pull request is opened, when it is brought up to date, and of an issue, by what
    the forge knows."""
    if name not in LABELLED:
        return {}, {"title": "Other"}, {"labels": (), "assignees": ()}
    first: dict[str, Any] = {"labels": ("drift",), "reviewers": (made.reviewer,), "draft": True}
    if name == "azure-devops":  # a long line of this kind is kept in a comment
        marks = (f"What.\n\n<!-- drift: v1 {'f-1 ' * 500}{number} -->" for number in (1, 2))
        first["body"], body = marks
        return first, {**first, "labels": ("drift", "two"), "body": body}, {"assignees": (made.reviewer,)}
    then = {**first, "title": "Other", "labels": ("drift", "two"), "assignees": (_OURS,)}
    return {**first, "assignees": (_OURS,)} if name == "gitlab" else first, then, {"assignees": (_OURS,)}


def all_of_it(hosted: Hosted, name: str, made: There, repo: Any) -> tuple[frozenset[str], list[str]]:
    """Opens, comments, brings up to date and closes a pull request and an issue; gives what is seen of them,
    and the notes."""
    first, then, of_issue = _drafts(name, made)
    pull, notes = hosted.open(draft(**first))
    hosted.comment(pull, "x")
    there = repo.pulls[int(pull.id)]
    own = there.labels, there.assignees
    for added, one in zip(own, (PEOPLES, _THEIRS), strict=True):
        added.append(one)  # a person does
    try:
        pull, more = hosted.update(pull, draft(**then))
    finally:
        assert PEOPLES in there.labels, "the label that people gave is gone"
        assert _THEIRS in there.assignees, "whom people assigned is gone"
    said = [*notes, *more]
    seen = {f"pull request {one.id}" for one in hosted.pull_requests("drift/a")}
    seen |= {f"open pull request {one.id}" for one in hosted.open_pull_requests("drift/")}
    hosted.close(pull, "x")
    if name in LABELLED:
        issue, more = hosted.open_issue("t", "b", ["drift"], of_issue["assignees"])
        said += more
        hosted.update_issue(issue, "t2", "b")
        seen |= {f"issue {one.id}" for one in hosted.issues("drift")}
        hosted.close_issue(issue, "x")
    return frozenset(seen), [one for one in said if _NO_DRAFTS not in one]


def _called(call: Call) -> str:
    """Without the repository's own name, which is another each time."""
    path = re.sub(r"infra\d+", "infra", call.path.partition("?")[0])
    return f"{call.method} {re.sub(r'(?<=/)[0-9a-f]{40}|(?<=/)[0-9]+(?=/|$)', '{}', path)}"


Login = Callable[[There, Path, str], dict[str, Any]]


def _forge(
    name: str,
    act_of: Callable[[Hosted, str, There, Any], Any] = all_of_it,
    login: Login = lambda *_: {},
) -> Maker:
    """A forge that is asked for all, or (``act_of``) for something, by a token or another ``login``."""

    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        made = stand(name, folder)
        server = made.server
        try:
            with faulty(server.url, "plain") as (url, weather), environment(**_QUIET):

                def act(_: float) -> Outcome:
                    repo = made.repository()
                    repo.drafts_on = False
                    repo.commit("drift/a", {"a": "1"})
                    plugin = plugins.forge(name)
                    at = made.at(repo)
                    there = type(at)(at.url.replace(server.url, url), url, at.path)
                    said = {**server.settings(url=url), **own}
                    settings = plugin.Settings.model_validate(said)
                    hosted = plugin.connect(there, settings, Patient())
                    return asked(lambda: act_of(hosted, name, made, repo), ForgeError)

                own = login(made, folder, url)
                faults = [one for one in FAULTS if one != "hang"]  # which tests/forges does
                yield Stand(f"forge: {name}", weather, act, _called, _DONE, [TOKEN, KEEPS, JWT], faults)
        finally:
            server.close()

    return maker


def _by_app(made: There, *_: Any) -> dict[str, Any]:
    """An App of GitHub."""
    key = rsa.generate_private_key(65537, 2048)
    made.server.app_id, made.server.app_key = "7", key.public_key()
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return {"token": None, "app_id": "7", "private_key": pem.decode()}


def _listed(hosted: Hosted, *_: Any) -> str:
    return str(hosted.pull_requests("drift/a"))


@contextmanager
def by_vault(folder: Path) -> Iterator[Stand]:
    """A forge whose token Vault keeps, which a service account opens: the calls of Vault."""
    kept, made = Kept(), stand("gitlab", folder)
    account = folder / "token"
    account.write_text(f"{JWT}\n")
    try:
        with faulty(kept.http.url, "plain") as (url, weather), environment(**_QUIET):
            login = {"role": "drift", "mount": "clusters/prod", "service_account": str(account)}

            def act(_: float) -> Outcome:
                vault = {"address": url, "path": "secret/data/drift", **login}
                hosted = made.connect(made.repository(), token=None, vault=vault)
                return asked(lambda: _listed(hosted), ForgeError)

            faults = [one for one in FAULTS if one != "hang"]
            yield Stand("forge: by Vault", weather, act, _called, {}, [TOKEN, KEEPS, JWT], faults)
    finally:
        made.server.close()
        kept.http.close()


MAKERS: dict[str, Maker] = {
    **{f"forge: {name}": _forge(name) for name in FORGES},
    "forge: github, by an App": _forge("github", _listed, _by_app),
    "forge: by Vault": by_vault,
}
