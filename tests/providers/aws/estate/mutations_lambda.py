"""What people do to the functions of ``lambda.tf`` behind Git's back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _configure(name: str, **changes: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("lambda").update_function_configuration(FunctionName=name, **changes)

    return apply


def _patch(clients: Clients) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(e, c): return 2\n")
    clients("lambda").update_function_code(FunctionName="lambda-orders", ZipFile=buffer.getvalue())


def _open(clients: Clients) -> None:
    clients("lambda").add_permission(
        FunctionName="lambda-orders", StatementId="Everybody", Action="lambda:InvokeFunction", Principal="*"
    )


def _revoke(clients: Clients) -> None:
    clients("lambda").remove_permission(FunctionName="lambda-orders", StatementId="Partner")


def _first_permission(clients: Clients) -> None:
    clients("lambda").add_permission(
        FunctionName="lambda-plain",
        StatementId="S3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )


def _release(clients: Clients) -> None:
    clients("lambda").delete_function_concurrency(FunctionName="lambda-orders")


def _tag(clients: Clients) -> None:
    arn = clients("lambda").get_function(FunctionName="lambda-plain")["Configuration"]["FunctionArn"]
    clients("lambda").tag_resource(Resource=arn, Tags={"Owner": "somebody"})


_VARIABLES = {"STAGE": "prod", "DB_PASSWORD": "not-for-reports"}
_FUNCTION = "AWS::Lambda::Function"

MUTATIONS: list[Mutation] = [
    Mutation(
        "memory",
        _configure("lambda-orders", MemorySize=1024),
        _FUNCTION,
        "lambda-orders",
        paths=("/MemorySize",),
    ),
    Mutation("code patched", _patch, _FUNCTION, "lambda-orders", paths=("/CodeSha256",)),
    Mutation(
        "secret rotated",
        _configure(
            "lambda-orders", Environment={"Variables": {**_VARIABLES, "DB_PASSWORD": "changed-by-hand"}}
        ),
        _FUNCTION,
        "lambda-orders",
        paths=("/Environment/Variables/DB_PASSWORD",),
    ),
    Mutation(
        "variable added",
        _configure(
            "lambda-orders",
            Environment={"Variables": {"STAGE": "prod", "DB_PASSWORD": "changed-by-hand", "DEBUG": "1"}},
        ),
        _FUNCTION,
        "lambda-orders",
        paths=("/Environment/Variables/DEBUG",),
    ),
    Mutation("anybody may invoke", _open, _FUNCTION, "lambda-orders", paths=("/Permissions",)),
    Mutation("permission removed", _revoke, _FUNCTION, "lambda-orders", paths=("/Permissions",)),
    Mutation("first permission", _first_permission, _FUNCTION, "lambda-plain", paths=("/Permissions",)),
    Mutation(
        "concurrency released", _release, _FUNCTION, "lambda-orders", paths=("/ReservedConcurrentExecutions",)
    ),
    Mutation(
        "timeout of a default",
        _configure("lambda-plain", Timeout=60),
        _FUNCTION,
        "lambda-plain",
        paths=("/Timeout",),
    ),
    Mutation("tag added", _tag, _FUNCTION, "lambda-plain", paths=("/Tags/Owner",)),
]
