"""Work items of Azure Boards as issues. Source of what is asked: Azure DevOps' OpenAPI description of wit."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drift.forge import ForgeError, Issue
from forges import texts
from forges.answers import Answer, below, path
from forges.rest import Api

_PATCH = {"Content-Type": "application/json-patch+json"}
#: How many work items one call reads at most; Source: "Work Items - List".
_AT_ONCE = 200
_FIELDS = (
    "System.Id",
    "System.Title",
    "System.Description",
    "System.State",
    "System.Tags",
    "System.WorkItemType",
)
#: A field of long text takes a million characters.
_MOST_BODY = 1_000_000
_COMMENTS = "7.1-preview.4"
#: Comments are HTML.
_BREAK, _TAG = re.compile(r"<br ?/?>|</(?:div|p)>"), re.compile(r"<[^>]*>")


def body(text: str) -> str:
    """The text of a work item."""
    return texts.body(text, _MOST_BODY, "Azure Boards")


class Boards:
    """The work items of one project that are about one repository, which a tag of them says; new ones have
    one type."""

    def __init__(self, api: Api, project: str, repository: str, type_: str) -> None:
        self._api, self._project, self._type = api, project, type_
        self._about = _tag(f"repository {repository}")
        self._at = path(project, "_apis", "wit")
        self._ends: dict[str, tuple[str, ...]] = {}

    def tagged(self, label: str) -> list[Issue]:
        """Those with a tag, the newest first."""
        tag = _tag(label).replace("'", "''")
        query = (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "
            f"AND [System.Tags] CONTAINS '{tag}' ORDER BY [System.Id] DESC"
        )
        found = self._api.ask("POST", f"{self._at}/wiql", body={"query": query}, again=True).data
        ids = [int(one["id"]) for one in below(found, "workItems", "work items")]
        wanted = {_tag(label).lower(), self._about.lower()}
        return [self._issue(one) for one in self._read(ids) if wanted <= _tags(one)]

    def create(
        self, title: str, body: str, labels: Sequence[str], assignees: Sequence[str], notes: list[str]
    ) -> Issue:
        """One of the type that is configured; it takes one assignee."""
        said = [
            *_texts(title, body),
            _set("System.Tags", "; ".join([*map(_tag, labels), self._about])),
        ]
        at = f"{self._at}/workitems/${path(self._type)}"
        for number, who in enumerate(assignees):
            try:
                made = self._patch("POST", at, [*said, _set("System.AssignedTo", who)])
            except ForgeError as error:
                if error.status != 400:
                    raise
                notes.append(f"the assignee {who!r} is left out: {error}")
                continue
            notes += [
                f"the assignee {one!r} is left out: a work item has one" for one in assignees[number + 1 :]
            ]
            return self._issue(made)
        return self._issue(self._patch("POST", at, said))

    def edit(self, issue: Issue, title: str, body: str) -> Issue:
        """With another title and text."""
        return self._issue(
            self._patch("PATCH", f"{self._at}/workitems/{path(issue.id)}", _texts(title, body))
        )

    def comments(self, issue: Issue) -> Iterator[str]:
        """What was said of one."""
        at = f"{self._at}/workItems/{path(issue.id)}/comments"
        for page in self._api.pages(at, {"api-version": _COMMENTS}, _following):
            for one in below(page, "comments", at):
                yield html.unescape(_TAG.sub("", _BREAK.sub("\n", one.get("text") or "")))

    def say(self, issue: Issue, text: str) -> None:
        """Comments on one."""
        at = f"{self._at}/workItems/{path(issue.id)}/comments"
        said = html.escape(text, quote=False).replace("\n", "<br>")
        self._api.send("POST", at, {"text": said}, {"api-version": _COMMENTS})

    def close(self, issue: Issue) -> None:
        """To the first state of its type that is an end."""
        now = self._api.get(f"{self._at}/workitems/{path(issue.id)}")
        ends = self._completed(_field(now, "System.WorkItemType"))
        if not ends:
            raise ForgeError(f"Azure DevOps: the type of work item {issue.id} has no state that ends it")
        if _field(now, "System.State") not in ends:
            at = f"{self._at}/workitems/{path(issue.id)}"
            self._patch("PATCH", at, [_set("System.State", ends[0])])

    def _completed(self, type_: str) -> tuple[str, ...]:
        """The states that end a type: Done, or Closed, whatever the process calls them."""
        if type_ not in self._ends:
            found = self._api.get(f"{self._at}/workitemtypes/{path(type_)}/states")
            states = [(one.get("category"), one["name"]) for one in found["value"]]
            self._ends[type_] = tuple(name for category, name in states if category == "Completed")
        return self._ends[type_]

    def _read(self, ids: Sequence[int]) -> Iterator[Any]:
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            asked = {"ids": ",".join(map(str, some)), "fields": ",".join(_FIELDS), "errorPolicy": "omit"}
            by_id = {one["id"]: one for one in self._api.get(f"{self._at}/workitems", asked)["value"] if one}
            yield from (by_id[id_] for id_ in some if id_ in by_id)

    def _patch(self, method: str, at: str, said: Iterable[Mapping[str, Any]]) -> Any:
        return self._api.ask(method, at, body=list(said), headers=_PATCH).data

    def _issue(self, one: Mapping[str, Any]) -> Issue:
        ended = _field(one, "System.State") in self._completed(_field(one, "System.WorkItemType"))
        return Issue(
            id=str(one["id"]),
            url=f"{self._api.root}/{path(self._project)}/_workitems/edit/{one['id']}",
            title=_field(one, "System.Title"),
            body=_field(one, "System.Description"),
            state="closed" if ended else "open",
        )


def _following(answer: Answer) -> str | None:
    after = answer.data.get("nextPage")
    return after if isinstance(after, str) and after else None


def _texts(title: str, body: str) -> list[dict[str, Any]]:
    """Title and text, which is Markdown: unsaid, Azure Boards takes it for HTML."""
    markdown = {"op": "add", "path": "/multilineFieldsFormat/System.Description", "value": "Markdown"}
    return [_set("System.Title", title), _set("System.Description", body), markdown]


def _set(field: str, value: str) -> dict[str, Any]:
    return {"op": "add", "path": f"/fields/{field}", "value": value}


def _field(one: Mapping[str, Any], name: str) -> str:
    return str(one["fields"].get(name) or "")


def _tag(name: str) -> str:
    """A tag that is one: a comma or semicolon would make two of it."""
    return name.replace(";", " ").replace(",", " ")


def _tags(one: Mapping[str, Any]) -> set[str]:
    return {tag.strip().lower() for tag in _field(one, "System.Tags").split(";")}
