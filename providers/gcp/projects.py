"""Finds what is to be read: the projects that the settings name, one by one, by folder, by organization or by
glob."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from drift.errors import CellError
from drift.live.estate import ANY
from drift.model import Cell, Coverage
from providers.gcp.session import Session
from providers.gcp.settings import Alone, Settings


@dataclass(frozen=True, slots=True)
class Project:
    """A project to be read. ``number`` is None where it could not be looked up."""

    id: str
    number: str | None = None


@dataclass(slots=True)
class Scopes:
    """What is to be read. ``tops`` maps each configured organization or folder to itself and all folders
    below it; ``numbers`` are those of all projects that were seen; ``rows`` tell what is left out, and
    why."""

    projects: dict[str, Project] = field(default_factory=dict)
    tops: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    rows: list[Coverage] = field(default_factory=list)


def everything(scope: str) -> Cell:
    """The cell of all types of a scope."""
    return Cell("gcp", scope, ANY, ANY)


def unread(scope: str, error: CellError, why: str = "") -> Coverage:
    """The row of a scope that can't be read."""
    return Coverage(everything(scope), error.status, 0, f"{why}{error.message}")  # type: ignore[arg-type]


def find(session: Session) -> Scopes:
    """Asks Resource Manager. What it refuses ends in ``rows``."""
    alone = session.settings._alone
    if alone is None:
        return _Search(session).run()
    projects = {} if alone.project is None else {alone.project[0]: Project(*alone.project)}
    return Scopes(projects, {alone.top: list(alone.members)} if alone.top else {}, dict(alone.numbers))


def each(session: Session) -> Iterator[tuple[tuple[str, ...], Settings] | Coverage]:
    """Each project, organization and folder to be read, with settings that name it alone."""
    found = find(session)
    yield from found.rows
    several = [Alone((one.id, one.number), "", (), found.numbers) for one in found.projects.values()]
    several += [Alone(None, top, tuple(members), found.numbers) for top, members in found.tops.items()]
    for one in several:
        settings = session.settings.model_copy()
        settings._alone = one
        yield (one.project[0],) if one.project else one.members, settings


class _Search:
    def __init__(self, session: Session) -> None:
        self.session, self.settings = session, session.settings
        self.found = Scopes()
        self._rows: dict[str, Coverage] = {}

    def run(self) -> Scopes:
        tops = [f"organizations/{one}" for one in self.settings.organizations]
        tops += [f"folders/{one}" for one in self.settings.folders]
        with ThreadPoolExecutor(self.settings.concurrency, thread_name_prefix="projects") as pool:
            for top in tops:
                self.found.tops[top] = self._below(top, pool)
            self._named(pool)
        self.found.rows = list(self._rows.values())
        return self.found

    def _below(self, top: str, pool: ThreadPoolExecutor) -> list[str]:
        """Takes the projects below an organization or folder, level by level; gives it and all folders below
        it."""
        members, level = [top], [top]
        while level:
            below: list[str] = []
            for parent, answer in zip(level, pool.map(self._children, level), strict=True):
                folders, projects, error = answer
                if error is not None:
                    self._rows[parent] = unread(parent, error, "what is below it is not known: ")
                for folder in folders:
                    if _state(folder) != "ACTIVE":
                        self._skip(
                            folder.name,
                            f"the folder {folder.display_name or folder.name} is {_state(folder)}",
                        )
                    elif folder.name not in members and folder.name not in below:
                        below.append(folder.name)
                for project in projects:
                    self._take(project)
            members += below
            level = below
        return members

    def _children(self, parent: str) -> tuple[list[Any], list[Any], CellError | None]:
        """The folders and the projects directly below one; and why they are not all."""
        from google.cloud.resourcemanager_v3 import ListFoldersRequest, ListProjectsRequest

        session = self.session
        folders: list[Any] = []
        projects: list[Any] = []
        failed: CellError | None = None
        try:
            request = ListFoldersRequest(parent=parent, page_size=1000, show_deleted=True)
            for page in session.pages(f"ListFolders of {parent}", session.folders.list_folders, request):
                folders += page.folders
        except CellError as error:
            failed = error
        try:
            request = ListProjectsRequest(parent=parent, page_size=1000, show_deleted=True)
            for page in session.pages(f"ListProjects of {parent}", session.projects.list_projects, request):
                projects += page.projects
        except CellError as error:
            failed = failed or error
        return folders, projects, failed

    def _named(self, pool: ThreadPoolExecutor) -> None:
        """Takes the projects that the settings name, or all that the credential sees where they name
        nothing."""
        names = self.settings.projects
        globs = [name for name in names or () if set(name) & set("*?[")]
        if names is None and not self.found.tops:
            globs = ["*"]
        plain = [name for name in names or () if name not in globs]
        for name, answer in zip(plain, pool.map(self._lookup, plain), strict=True):
            if not isinstance(answer, CellError):
                self._take(answer)
            elif name.isdigit():
                self._rows[name] = unread(name, answer, "its id could not be looked up: ")
            elif name not in self.found.projects and not self._is_excluded(name):
                self.found.projects[name] = Project(name)
        if globs:
            self._seen(globs)

    def _lookup(self, name: str) -> Any:
        from google.cloud.resourcemanager_v3 import GetProjectRequest

        request = GetProjectRequest(name=f"projects/{name}")
        told = f"GetProject of projects/{name}"
        try:
            found = self.session.call(told, self.session.projects.get_project, request)
        except CellError as error:
            return error
        return found if found.project_id else CellError("failed", f"{told}: the answer is no project")

    def _seen(self, globs: list[str]) -> None:
        """Takes those of the projects which the credential sees that a glob fits."""
        try:
            taken = [
                one for one in self._search() if any(fnmatchcase(one.project_id, glob) for glob in globs)
            ]
        except CellError as error:
            self._rows[ANY] = unread(ANY, error, "which projects there are is not known: ")
            return
        for one in taken:
            self._take(one)
        own = self.session.own_project
        if not taken and globs == ["*"] and own is not None:
            self.found.projects[own] = Project(own)
        elif not taken:
            words = f"no project that the credential sees is called {' or '.join(globs)}"
            self._rows[ANY] = Coverage(everything(ANY), "failed", 0, f"{words}; see live.gcp.projects")

    def _search(self) -> Iterator[Any]:
        from google.cloud.resourcemanager_v3 import SearchProjectsRequest

        request = SearchProjectsRequest(page_size=1000)
        method = self.session.projects.search_projects
        for page in self.session.pages("SearchProjects", method, request):
            yield from page.projects

    def _take(self, project: Any) -> None:
        number = project.name.removeprefix("projects/")
        self.found.numbers[number] = project.project_id
        if self._is_excluded(project.project_id):
            self._skip(project.project_id, "left out by live.gcp.exclude_projects")
        elif _state(project) != "ACTIVE":
            self._skip(project.project_id, f"the project is {_state(project)}")
        else:
            self.found.projects[project.project_id] = Project(project.project_id, number)

    def _is_excluded(self, project: str) -> bool:
        return any(fnmatchcase(project, glob) for glob in self.settings.exclude_projects)

    def _skip(self, scope: str, why: str) -> None:
        self._rows[scope] = Coverage(everything(scope), "skipped", 0, why)


def _state(one: Any) -> str:
    return str(one.state.name)
