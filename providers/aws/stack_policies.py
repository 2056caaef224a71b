"""Reads which updates the policy of each declared stack allows (GetStackPolicy), one call a stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from drift.errors import CellError, DeclaredError
from drift.model import Cell, Coverage, Resource
from providers.aws.asked import POLICY
from providers.aws.cloudformation.recorded import plain
from providers.aws.failures import CALL_ERRORS, explain

_BODY = "StackPolicyBody"


class PoliciesTask:
    """The policies of one account and region. ``client`` makes the client when it is needed, ``stacks`` gives
    the stacks that are declared (:func:`providers.aws.stacks.read_stacks`; raises CellError), ``words``
    what they are told by."""

    def __init__(
        self,
        client: Callable[[], Any],
        account: str,
        region: str,
        stacks: Callable[[], Iterable[Mapping[str, Any]]],
        words: Callable[[], str | None],
    ) -> None:
        self._client, self._stacks, self._words = client, stacks, words
        self.cells = (Cell("aws", account, region, POLICY),)

    def read(self) -> Iterator[Resource | Coverage]:
        count, refused = 0, list[CellError]()
        client = self._client()
        for stack in self._stacks():
            try:
                found = read_policy(client, stack["id"], stack["name"], self.cells[0])
            except CellError as error:
                refused.append(error)
                continue
            if found is not None:
                count += 1
                yield found
        if refused:
            said = f"the policies of {len(refused)} stacks could not be read: {refused[0].message}"
            yield Coverage(self.cells[0], refused[0].status, count, said)  # type: ignore[arg-type]

    # As drift.task.Resumable

    def asks(self) -> str | None:
        return self._words()

    def learnt(self) -> dict[str, Any]:
        return {}

    def recall(self, learnt: Mapping[str, Any]) -> None:
        return


def read_policy(client: Any, id_: str, name: str, cell: Cell) -> Resource | None:
    """The policy of a stack, without a body where it has none; None where there is no such stack any more.
    Raises CellError where it can't be read."""
    try:
        text = client.get_stack_policy(StackName=id_).get(_BODY)
        said = {_BODY: plain(text, f"the policy of {name}")} if text else {}
    except ClientError as error:
        told = error.response.get("Error", {})
        if told.get("Code") == "ValidationError" and "does not exist" in told.get("Message", ""):
            return None
        raise explain(error, "cloudformation:GetStackPolicy") from error
    except CALL_ERRORS as error:
        raise explain(error, "cloudformation:GetStackPolicy") from error
    except DeclaredError as error:
        raise CellError("failed", str(error)) from error
    return Resource("aws", cell.scope, POLICY, id_, {"StackName": name, **said}, cell.region, name)
