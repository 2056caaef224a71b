"""Lists Cloud Asset's inventory page by page, and makes resources of the assets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from drift.errors import CellError
from drift.model import Resource
from providers.gcp import names
from providers.gcp.session import Session

ACCOUNT = "iam.googleapis.com/ServiceAccount"
ACCOUNT_KEY = "iam.googleapis.com/ServiceAccountKey"
#: Types that lie in something which Cloud Asset calls by a number and people by a name → how their own part
#: begins.
_WITHIN = {"dns.googleapis.com/ResourceRecordSet": "/rrsets/"}
#: What is known by a number, too, see names.known.
_NUMBERED = ("/projects", "/serviceAccounts")


def listed(session: Session, parent: str, content: str, types: tuple[str, ...] = ()) -> Iterator[Any]:
    """The pages (``ListAssetsResponse`` as protobuf) of ListAssets, the next one asked for while one is used.

    Raises CellError at the first page that can't be read.
    """
    from google.cloud.asset_v1 import ListAssetsRequest

    request = ListAssetsRequest(
        parent=parent,
        content_type=content,
        page_size=session.settings.page_size,
        asset_types=types,
    )
    told = f"ListAssets of {parent}" + ("" if content == "RESOURCE" else f", {content}")
    pages = session.pages(told, session.assets.list_assets, request, counted=parent)
    with ThreadPoolExecutor(1, thread_name_prefix="gcp-page") as ahead:
        coming: Future[Any] = ahead.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = ahead.submit(next, pages, None)
            yield _told(page, told)


def one(session: Session, parent: str, type_: str) -> None:
    """Asks for one asset of a type. Raises CellError; Refused where Cloud Asset knows no such type."""
    from google.cloud.asset_v1 import ListAssetsRequest

    request = ListAssetsRequest(parent=parent, content_type="RESOURCE", page_size=1, asset_types=[type_])
    what = f"ListAssets of {parent}, {type_}"
    pager = session.call(what, session.assets.list_assets, request, counted=parent)
    _told(next(iter(pager.pages)), what)


def _told(page: Any, what: str) -> Any:
    """A page as protobuf. Raises CellError where it is none: whatever a list holds, it says of when it is."""
    from google.cloud.asset_v1 import ListAssetsResponse

    answer = ListAssetsResponse.pb(page)
    if not answer.HasField("read_time"):
        raise CellError("failed", f"{what}: the answer is no list of assets")
    return answer


def plain(fields: Any) -> dict[str, Any]:
    """The fields of a ``google.protobuf.Struct`` as plain data; a number without fraction as an integer, as
    JSON has it.

    Most values are texts, and to ask for the text at once is quicker than to ask what a value is.
    """
    return {name: value.string_value or _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return plain(value.struct_value.fields)
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [item.string_value or _plain(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return "" if kind == "string_value" else None


class Reader:
    """Makes live resources of the assets of one scope. ``known`` is what names are completed with (see
    names.known)."""

    def __init__(self, scope: str, known: Mapping[str, Any]) -> None:
        self.scope, self.known = scope, known
        self._named: dict[str, str] = {}
        self._collections: dict[str, str] = {}
        self._waiting: list[Resource] = []

    def resource(self, asset: Any) -> Resource:
        """An asset that has data as a resource."""
        type_, body = asset.asset_type, plain(asset.resource.data.fields)
        id_ = self.name(asset.name)
        own = body.get("name")
        if type_ == ACCOUNT_KEY and isinstance(own, str):
            # The asset's name has the account's unique id, its own name the address that people declare.
            id_ = self.name(names.full_name("iam.googleapis.com", own))
        above, _, last = id_.rpartition("/")
        if last.isdigit() and isinstance(own, str) and own and "/" not in own and str(body.get("id")) == last:
            # Numbered by its service, as zones of Cloud DNS are; people declare the name.
            id_, last = self._named.setdefault(id_, f"{above}/{own}"), own
        return Resource("gcp", self.scope, type_, id_, body, name=last)

    def waits(self, resource: Resource) -> bool:
        """Keeps a resource until :meth:`rest` where its name tells only the number of what it lies in."""
        inner = _WITHIN.get(resource.type)
        if inner is None or not str(resource.id).partition(inner)[0].rpartition("/")[2].isdigit():
            return False
        self._waiting.append(resource)
        return True

    def rest(self) -> Iterator[tuple[Resource, bool]]:
        """What waited, when all was read; and whether what it lies in is there (Cloud Asset remembers it for
        a while)."""
        for one in self._waiting:
            above, inner, own = str(one.id).partition(_WITHIN[one.type])
            named = self._named.get(above)
            yield one.but(id=f"{named or above}{inner}{own}", name=own), named is not None
        self._waiting.clear()

    def name(self, name: str) -> str:
        """A full resource name in the one spelling: with the project's id, not its number.

        What is before the last part is the same for a whole collection, so it is spelled once.
        """
        above, _, last = name.rpartition("/")
        if "|" in name or above.endswith(_NUMBERED) or "/serviceAccounts/" in above:
            return names.known(names.canonical(name), self.known)
        known = self._collections.get(above)
        if known is None:
            spelled = names.known(names.canonical(name), self.known)
            if not spelled.endswith(f"/{last}"):
                return spelled
            known = self._collections[above] = spelled[: -len(last) - 1]
        return f"{known}/{last}"


def accounts(session: Session, parent: str) -> dict[str, str]:
    """The service accounts of a project: unique id → address. Raises CellError."""
    found = {}
    for page in listed(session, parent, "RESOURCE", (ACCOUNT,)):
        for asset in page.assets:
            fields = asset.resource.data.fields
            found[fields["uniqueId"].string_value] = fields["email"].string_value
    return {number: address for number, address in found.items() if number and address}
