"""Compiles the forges' OpenAPI descriptions to the few operations that are used: one small JSON file a forge,
beside this one, with its source in it.

`python -m forges.loopback.compile_operations NAME DESCRIPTION.json… --source TEXT`
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

#: How deep a body's schema is kept: members of members.
_DEPTH = 2
_KEPT = (
    "type",
    "enum",
    "required",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "pattern",
)
_AZURE_PULL = "/{organization}/{project}/_apis/git/repositories/{repositoryId}/pullRequests/{pullRequestId}"
#: Forge → the operations that are used, as the description spells their paths.
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "github": (
        "GET /repos/{owner}/{repo}",
        "GET /repos/{owner}/{repo}/branches/{branch}",
        "GET /repos/{owner}/{repo}/pulls",
        "POST /repos/{owner}/{repo}/pulls",
        "GET /repos/{owner}/{repo}/pulls/{pull_number}",
        "PATCH /repos/{owner}/{repo}/pulls/{pull_number}",
        "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers",
        "GET /repos/{owner}/{repo}/issues",
        "POST /repos/{owner}/{repo}/issues",
        "PATCH /repos/{owner}/{repo}/issues/{issue_number}",
        "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
        "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
        "GET /repos/{owner}/{repo}/issues/{issue_number}/labels",
        "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
        "POST /repos/{owner}/{repo}/issues/{issue_number}/assignees",
        "GET /repos/{owner}/{repo}/issues/{issue_number}/events",
        "GET /repos/{owner}/{repo}/assignees/{assignee}",
        "GET /repos/{owner}/{repo}/installation",
        "POST /app/installations/{installation_id}/access_tokens",
    ),
    "gitea": (
        "GET /repos/{owner}/{repo}",
        "GET /repos/{owner}/{repo}/branches/{branch}",
        "GET /repos/{owner}/{repo}/pulls",
        "POST /repos/{owner}/{repo}/pulls",
        "GET /repos/{owner}/{repo}/pulls/{index}",
        "PATCH /repos/{owner}/{repo}/pulls/{index}",
        "POST /repos/{owner}/{repo}/pulls/{index}/requested_reviewers",
        "GET /repos/{owner}/{repo}/issues",
        "POST /repos/{owner}/{repo}/issues",
        "GET /repos/{owner}/{repo}/issues/{index}",
        "PATCH /repos/{owner}/{repo}/issues/{index}",
        "GET /repos/{owner}/{repo}/issues/{index}/comments",
        "POST /repos/{owner}/{repo}/issues/{index}/comments",
        "POST /repos/{owner}/{repo}/issues/{index}/labels",
        "GET /repos/{owner}/{repo}/issues/{index}/timeline",
        "GET /repos/{owner}/{repo}/labels",
        "POST /repos/{owner}/{repo}/labels",
        "GET /repos/{owner}/{repo}/assignees",
        "GET /orgs/{org}",
        "GET /orgs/{org}/labels",
    ),
    "bitbucket": (
        "GET /repositories/{workspace}/{repo_slug}",
        "GET /repositories/{workspace}/{repo_slug}/refs/branches/{name}",
        "GET /repositories/{workspace}/{repo_slug}/pullrequests",
        "POST /repositories/{workspace}/{repo_slug}/pullrequests",
        "GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}",
        "PUT /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}",
        "GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/comments",
        "POST /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/comments",
        "POST /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/decline",
        "GET /workspaces/{workspace}/members",
    ),
    "azure_devops": (
        "GET /{organization}/{project}/_apis/git/repositories/{repositoryId}",
        "GET /{organization}/{project}/_apis/git/repositories/{repositoryId}/refs",
        "GET /{organization}/{project}/_apis/git/repositories/{repositoryId}/pullrequests",
        "POST /{organization}/{project}/_apis/git/repositories/{repositoryId}/pullrequests",
        "GET /{organization}/{project}/_apis/git/repositories/{repositoryId}/pullrequests/{pullRequestId}",
        "PATCH /{organization}/{project}/_apis/git/repositories/{repositoryId}/pullrequests/{pullRequestId}",
        f"GET {_AZURE_PULL}/labels",
        f"POST {_AZURE_PULL}/labels",
        f"GET {_AZURE_PULL}/threads",
        f"POST {_AZURE_PULL}/threads",
        f"PATCH {_AZURE_PULL}/threads/{{threadId}}/comments/{{commentId}}",
        "POST /{organization}/{project}/{team}/_apis/wit/wiql",
        "GET /{organization}/{project}/_apis/wit/workitems",
        "POST /{organization}/{project}/_apis/wit/workitems/${type}",
        "GET /{organization}/{project}/_apis/wit/workitems/{id}",
        "PATCH /{organization}/{project}/_apis/wit/workitems/{id}",
        "GET /{organization}/{project}/_apis/wit/workItems/{workItemId}/comments",
        "POST /{organization}/{project}/_apis/wit/workItems/{workItemId}/comments",
        "GET /{organization}/{project}/_apis/wit/workitemtypes/{type}/states",
        "GET /{organization}/_apis/projects/{projectId}/teams",
        "GET /{organization}/_apis/projects/{projectId}/teams/{teamId}/members",
    ),
}

#: What a forge says in its texts only, of one call or of all of a method: parameters, and members of a body
#: that has a title.
SAID: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "bitbucket": {
        # "Pagination", "Filter and sort API objects"
        "GET": {
            name: {"type": kind}
            for name, kind in (
                ("q", "string"),
                ("sort", "string"),
                ("page", "integer"),
                ("pagelen", "integer"),
            )
        },
        # "Create a pull request": "Other fields"; drafts are younger than the description
        "POST": {"description": {"type": "string"}, "draft": {"type": "boolean"}},
        "PUT": {"description": {"type": "string"}, "draft": {"type": "boolean"}},
    },
    "azure_devops": {
        # "Comments - Get Comments": the description has only "Get Comments Batch", of the same path
        "GET /{organization}/{project}/_apis/wit/workItems/{workItemId}/comments": {
            "ids": {"type": "string"},
            "$top": {"type": "integer"},
            "continuationToken": {"type": "string"},
        },
    },
}


def compiled(name: str, documents: list[dict[str, Any]]) -> dict[str, Any]:
    """The operations of a forge that the documents describe."""
    found: dict[str, Any] = {}
    for document in documents:
        for spelt in OPERATIONS[name]:
            method, _, at = spelt.partition(" ")
            item = document.get("paths", {}).get(at)
            if item and method.lower() in item:
                found[spelt] = _operation(document, item, item[method.lower()])
    lacking = set(OPERATIONS[name]) - set(found)
    if lacking:
        raise SystemExit(f"no document describes {', '.join(sorted(lacking))}")
    for spelt, one in found.items():
        method = spelt.partition(" ")[0]
        told = SAID.get(name, {})
        more = told.get(spelt, told.get(method, {}))
        if method == "GET":
            one["query"] |= more
        elif more and "title" in one.get("body", {}).get("properties", {}):
            one["body"]["properties"] |= more
    return {spelt: found[spelt] for spelt in OPERATIONS[name]}


def _operation(document: dict[str, Any], item: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    query: dict[str, Any] = {}
    body = None
    for one in _parameters(document, [*item.get("parameters", ()), *said.get("parameters", ())]):
        if one["in"] == "query":
            query[one["name"]] = _schema(document, one.get("schema") or one, 1)
            if one.get("required"):
                query[one["name"]]["needed"] = True
        elif one["in"] == "body":
            body = _schema(document, one["schema"], 0)
    content = _resolved(document, said.get("requestBody", {})).get("content", {})
    if "application/json" in content:
        body = _schema(document, content["application/json"]["schema"], 0)
    consumed = [kind for kind in said.get("consumes", ()) if "json" in kind]
    return {
        "query": query,
        **({"body": body} if body is not None else {}),
        **({"consumes": consumed} if consumed and consumed != ["application/json"] else {}),
    }


def _parameters(document: dict[str, Any], said: list[Any]) -> Iterator[dict[str, Any]]:
    for one in said:
        yield _resolved(document, one)


def _resolved(document: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in said:
        found: Any = document
        place = re.sub(r"^[^#]*#/", "", said["$ref"])
        for part in place.split("/"):
            found = found.get(part.replace("~1", "/"), {}) if isinstance(found, dict) else {}
        said = found
    return said


def _schema(document: dict[str, Any], said: dict[str, Any], depth: int) -> dict[str, Any]:
    """A schema without descriptions, closed where its members are known, and cut below some depth."""
    said = _resolved(document, said)
    if depth > _DEPTH:
        return {}
    found: dict[str, Any] = {key: said[key] for key in _KEPT if key in said}
    if not isinstance(found.get("required"), list):  # a parameter's own word
        found.pop("required", None)
    if isinstance(said.get("discriminator"), str) and "required" in found:
        # Which of several forms it is need not be said of a request that takes one.
        found["required"] = [one for one in found["required"] if one != said["discriminator"]]
    if (said.get("nullable") or said.get("x-nullable")) and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    for key in ("oneOf", "anyOf"):
        if key in said:
            found["anyOf"] = [_schema(document, one, depth) for one in said[key]]
    if "allOf" in said:
        for part in (_schema(document, one, depth) for one in said["allOf"]):
            found["properties"] = {**found.get("properties", {}), **part.pop("properties", {})}
            found |= part
    if "properties" in said:
        members = {name: _schema(document, one, depth + 1) for name, one in said["properties"].items()}
        found["properties"] = {**found.get("properties", {}), **members}
    if "items" in said:
        found["items"] = _schema(document, said["items"], depth + 1)
    # An object of which nothing more is said is anything at all, in descriptions made of C#.
    return {} if found == {"type": "object"} else found


def main() -> None:
    """Reads descriptions and writes one file."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("name", choices=sorted(OPERATIONS))
    arguments.add_argument("descriptions", nargs="+", type=Path)
    arguments.add_argument("--source", required=True)
    said = arguments.parse_args()
    documents = [json.loads(one.read_text(encoding="utf-8-sig")) for one in said.descriptions]
    lines = [
        f"{json.dumps(spelt)}: {json.dumps(one)}" for spelt, one in compiled(said.name, documents).items()
    ]
    text = "{{\n{}: {},\n{}: {{\n{}\n}}\n}}\n".format(
        '"source"', json.dumps(said.source), '"operations"', ",\n".join(lines)
    )
    Path(__file__).with_name(f"{said.name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
