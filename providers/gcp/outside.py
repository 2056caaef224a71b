"""Which types an organization or a folder holds itself, in no project."""

from __future__ import annotations

from collections.abc import Callable

from drift.errors import CellError
from providers.gcp.failures import Refused
from providers.gcp.session import Session

ORGANIZATION, FOLDER = (f"cloudresourcemanager.googleapis.com/{kind}" for kind in ("Organization", "Folder"))
#: What lies in no project (https://cloud.google.com/asset-inventory/docs/search-query-syntax).
_OUTSIDE = "NOT project:*"


def own_types(
    session: Session, parent: str, supports: Callable[[str, str], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which types are to be listed: all (``()``) of a project; of an organization or folder those that lie in
    no project.

    Then those of them that can only be searched; ``supports`` tells which can be listed. Raises CellError.
    """
    if parent.startswith("projects/"):
        return (), ()
    from google.cloud.asset_v1 import SearchAllResourcesRequest

    found = {FOLDER, ORGANIZATION}
    told = f"SearchAllResources of {parent}"
    method = session.assets.search_all_resources
    named, refused = 0, False
    for query in (_OUTSIDE, ""):
        request = SearchAllResourcesRequest(
            scope=parent, query=query, page_size=500, read_mask="assetType,project"
        )
        try:
            for page in session.pages(told, method, request):
                if not all(one.asset_type for one in page.results):
                    raise CellError("failed", f"{told}: the answer names something without its type")
                named += len(page.results)
                found.update(one.asset_type for one in page.results if not one.project)
                if not (query or refused or len(found) > 2):
                    break  # nothing lies outside of projects, and it is known that the search answers
        except Refused:  # without a filter it takes longer
            if not query:
                raise
            refused = True
        if named:
            break
    if not named:
        raise CellError("failed", f"{told}: the answer names nothing, in no project and outside of them")
    listed = tuple(type_ for type_ in sorted(found) if supports(parent, type_))
    return listed, tuple(sorted(found - set(listed)))
