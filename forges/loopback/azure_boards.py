"""Who is let in at a loopback Azure DevOps, how it refuses and pages, and its work items, those of Agile."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.loopback import Request
from forges.loopback.repositories import login
from forges.loopback.rules import Operation
from forges.loopback.server import Ask, Loopback, Refusal, Told, on
from forges.loopback.state import Issue, Repo

_WIT = "/{organization}/{project}/_apis/wit"
_ITEM = f"{_WIT}/workitems/{{id}}"
_COMMENTS = f"{_WIT}/workItems/{{workItemId}}/comments"
_VERSION = re.compile(r"[67]\.[0-2](-preview(\.\d)?)?")
_WIQL = re.compile(
    r"SELECT \[System\.Id\] FROM WorkItems WHERE \[System\.TeamProject\] = @project AND "
    r"\[System\.Tags\] CONTAINS '((?:[^']|'')*)' ORDER BY \[System\.Id\] DESC"
)


class Boards(Loopback):
    """An Azure DevOps. Repositories are called ORGANISATION/PROJECT/NAME; work items are the project's, and
    held by the first repository of it."""

    name = "azure-devops"
    described = "azure_devops"
    prefix = ""
    closes_without_branch = False

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.people = {"ann@acme.example", "ben@acme.example"}

    def clone_path(self, path: str) -> str:
        organisation, project, name = path.split("/")
        return f"{organisation}/{project}/_git/{name}".replace(" ", "%20")

    def path_of(self, asked: str) -> str:
        return asked.replace("/_git/", "/")

    def authorise(self, request: Request) -> None:
        basic = login(request)
        if (basic is not None and basic == ("", self.token)) or (
            request.headers.get("Authorization") == f"Bearer {self.token}" and self.token.startswith("eyJ")
        ):
            return
        if request.headers.get("X-TFS-FedAuthRedirect") != "Suppress":
            raise Refusal(302, None, {"Location": "https://spsprodweu1.vssps.visualstudio.com/_signin"})
        raise Refusal(203, b"<html>Azure DevOps Services | Sign In</html>")

    def headers(self, request: Request, operation: Operation) -> list[str]:
        wrong = super().headers(request, operation)
        said = re.search(r"api-version=([^&]*)", request.query)
        if said is None or _VERSION.fullmatch(said[1]) is None:
            wrong.append("api-version is none that is supported")
        elif operation.spelt.endswith("/comments") and "-preview" not in said[1]:
            wrong.append("the -preview flag must be supplied in the api-version")
        return wrong

    def throttled(self) -> Refusal:
        after = self.faults.retry_after
        headers = {"X-RateLimit-Remaining": "0"} | ({} if after is None else {"Retry-After": after})
        return Refusal(429, error("TF400733: The request has been canceled: Request was blocked"), headers)

    def not_found(self) -> Refusal:
        why = "TF401019: The Git repository with name or identifier infra does not exist or you do not have "
        return Refusal(404, error(why + "permissions for the operation you are attempting."))

    def forbidden(self) -> Refusal:
        why = "TF401027: You need the Git 'PullRequestContribute' permission to perform this action."
        return Refusal(403, error(why))

    def invalid(self, why: str) -> Refusal:
        return Refusal(400, error(why))

    def _items(self, ask: Ask) -> Repo:
        start = f"{ask.parameters['organization']}/{ask.parameters['project']}/".lower()
        for path, repo in self.repositories.items():
            if path.lower().startswith(start):
                return repo
        raise Refusal(404, error("TF200016: The following project does not exist."))

    @on("POST /{organization}/{project}/{team}/_apis/wit/wiql")
    def _query(self, ask: Ask) -> Told:
        asked = _WIQL.fullmatch(ask.body["query"])
        if asked is None:
            raise self.invalid("TF51006: The query statement is missing a clause, or is not understood here.")
        tag = asked[1].replace("''", "'").lower()
        found = [
            {"id": one.number}
            for one in reversed(self._items(ask).issues.values())
            if any(tag in label.lower() for label in one.labels)
        ]
        return 200, {"workItems": found}

    @on(f"GET {_WIT}/workitems")
    def _list(self, ask: Ask) -> Told:
        known = self._items(ask).issues
        ids = [int(one) for one in ask.query["ids"].split(",")]
        if len(ids) > 200:
            raise self.invalid("VS403474: a maximum of 200 work items")
        return 200, {"value": [_item(known[one]) if one in known else None for one in ids]}

    @on(f"POST {_WIT}/workitems/${{type}}")
    def _create(self, ask: Ask) -> Told:
        repo = self._items(ask)
        if ask.parameters["type"] not in ("Issue", "Bug", "Task"):
            raise Refusal(404, error(f"VS402323: Work item type {ask.parameters['type']} does not exist"))
        made = Issue(0, "", "", custom={"type": ask.parameters["type"], "state": "Active"})
        self._patch(made, ask.body)
        made.number = repo.next()
        repo.issues[made.number] = made
        return 200, _item(made)

    def _patch(self, issue: Issue, said: Sequence[Mapping[str, Any]]) -> None:
        told = {one["path"]: one["value"] for one in said if one["op"] == "add"}
        who = told.get("/fields/System.AssignedTo")
        if who is not None and who not in self.people:
            why = f"The identity value '{who}' for field 'Assigned To' is an unknown identity."
            raise self.invalid(why)
        issue.title = told.get("/fields/System.Title", issue.title)
        issue.body = told.get("/fields/System.Description", issue.body)
        issue.custom |= {"markdown": told.get("/multilineFieldsFormat/System.Description") == "Markdown"}
        if who is not None:
            issue.assignees = [who]
        if "/fields/System.Tags" in told:
            issue.labels = [one.strip() for one in told["/fields/System.Tags"].split(";") if one.strip()]
        state = told.get("/fields/System.State")
        if state is not None:
            if state not in ("New", "Active", "Closed"):
                raise self.invalid("TF401347: Invalid tree: the value is not in the list of supported values")
            issue.custom["state"] = state
            issue.state = "closed" if state == "Closed" else "open"

    def _item_of(self, ask: Ask, key: str = "id") -> Issue:
        found = self._items(ask).issues.get(int(ask.parameters[key]))
        if found is None:
            raise Refusal(404, error("TF401232: Work item does not exist."))
        return found

    @on(f"GET {_ITEM}")
    def _read_item(self, ask: Ask) -> Told:
        return 200, _item(self._item_of(ask))

    @on(f"PATCH {_ITEM}")
    def _edit_item(self, ask: Ask) -> Told:
        issue = self._item_of(ask)
        self._patch(issue, ask.body)
        return 200, _item(issue)

    @on(f"GET {_COMMENTS}")
    def _item_comments(self, ask: Ask) -> Told:
        return 200, {
            "comments": [
                {"id": one.id, "text": f"<div>{one.text}</div>"}
                for one in self._item_of(ask, "workItemId").comments
            ]
        }

    @on(f"POST {_COMMENTS}")
    def _say_of_item(self, ask: Ask) -> Told:
        text = ask.body["text"]
        made = self._item_of(ask, "workItemId").say(text)
        return 200, {"id": made.id, "text": made.text}

    @on(f"GET {_WIT}/workitemtypes/{{type}}/states")
    def _states(self, ask: Ask) -> Told:
        categories = {"New": "Proposed", "Active": "InProgress", "Closed": "Completed"}
        return 200, {"value": [{"name": name, "category": one} for name, one in categories.items()]}

    def _paged(self, ask: Ask, found: Sequence[Any]) -> Told:
        """So many after those that are skipped."""
        size, start = self.per_page(ask.query.get("$top")), int(ask.query.get("$skip", "0"))
        values = found[start : start + size]
        return 200, {"value": values, "count": len(values)}


def identity(name: str) -> dict[str, Any]:
    return {"id": f"id-{name}", "uniqueName": name, "displayName": name.partition("@")[0].title()}


def _item(one: Issue) -> dict[str, Any]:
    fields = {
        "System.Id": one.number,
        "System.Title": one.title,
        "System.Description": one.body,
        "System.State": one.custom["state"],
        "System.Tags": "; ".join(one.labels),
        "System.WorkItemType": one.custom["type"],
        **({"System.AssignedTo": identity(one.assignees[0])} if one.assignees else {}),
    }
    return {"id": one.number, "fields": fields}


def error(why: str) -> dict[str, Any]:
    return {"$id": "1", "message": why, "typeKey": "Exception", "errorCode": 0}
