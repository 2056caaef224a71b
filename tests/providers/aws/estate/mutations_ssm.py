"""What people do to the parameters of ``ssm.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _call(method: str, **parameters: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        getattr(clients("ssm"), method)(**parameters)

    return apply


def _mutation(
    name: str, parameter: str, paths: tuple[str, ...], apply: Callable[[Clients], None], kind: str = "changed"
) -> Mutation:
    return Mutation(
        name=name, apply=apply, type="AWS::SSM::Parameter", resource=parameter, kind=kind, paths=paths
    )


MUTATIONS = [
    _mutation(
        "another value",
        "parameter-plain",
        ("/Value",),
        _call("put_parameter", Name="parameter-plain", Value="v2", Type="String", Overwrite=True),
    ),
    _mutation(
        "a tag added",
        "parameters/rich/limit",
        ("/Tags/Intruder",),
        _call(
            "add_tags_to_resource",
            ResourceType="Parameter",
            ResourceId="/parameters/rich/limit",
            Tags=[{"Key": "Intruder", "Value": "yes"}],
        ),
    ),
    _mutation(
        "a host added",
        "parameters/hosts",
        ("/Value",),
        _call(
            "put_parameter",
            Name="/parameters/hosts",
            Value="b.example.com,a.example.com,evil.example.com",
            Type="StringList",
            Overwrite=True,
        ),
    ),
    _mutation(
        "a parameter deleted",
        "parameters/password",
        (),
        _call("delete_parameter", Name="/parameters/password"),
        kind="missing",
    ),
]
