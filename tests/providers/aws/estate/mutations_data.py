"""What people do behind Git's back to catalogues, jobs, builds and models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_ARN = "arn:aws:{}:us-east-1:123456789012:{}"


def _database(clients: Clients) -> None:
    glue = clients("glue")
    said = {"Name": "glue_sales", "Description": "Sales", "LocationUri": "s3://elsewhere/data"}
    glue.update_database(Name="glue_sales", DatabaseInput=said)


def _table(clients: Clients) -> None:
    glue = clients("glue")
    table = glue.get_table(DatabaseName="glue_sales", Name="orders")["Table"]
    kept = (
        "Name",
        "Description",
        "TableType",
        "Parameters",
        "PartitionKeys",
        "StorageDescriptor",
        "Retention",
    )
    said = {name: table[name] for name in kept if name in table}
    said["StorageDescriptor"]["Columns"][1]["Type"] = "string"
    glue.update_table(DatabaseName="glue_sales", TableInput=said)


def _glue_tag(what: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("glue").tag_resource(ResourceArn=_ARN.format("glue", what), TagsToAdd={"Owner": "somebody"})

    return apply


def _gone(service: str, call: str, **named: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        getattr(clients(service), call)(**named)

    return apply


def _application(clients: Clients) -> None:
    arn = _ARN.format("codedeploy", "application:deploy-shop")
    clients("codedeploy").tag_resource(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "somebody"}])


def _namespace(clients: Clients) -> None:
    aws = clients("servicediscovery")
    id_ = next(one["Id"] for one in aws.list_namespaces()["Namespaces"] if one["Name"] == "discovery-shop")
    aws.update_http_namespace(Id=id_, Namespace={"Description": "Nobody's"})


MUTATIONS: list[Mutation] = [
    Mutation(
        "data elsewhere",
        _database,
        "AWS::Glue::Database",
        "glue_sales",
        paths=("/DatabaseInput/LocationUri",),
    ),
    Mutation(
        "column of another type",
        _table,
        "AWS::Glue::Table",
        "orders",
        paths=("/TableInput/StorageDescriptor/Columns/1/Type",),
    ),
    Mutation(
        "crawler tagged",
        _glue_tag("crawler/glue-sales"),
        "AWS::Glue::Crawler",
        "glue-sales",
        paths=("/Tags/Owner",),
    ),
    Mutation("job tagged", _glue_tag("job/glue-load"), "AWS::Glue::Job", "glue-load", paths=("/Tags/Owner",)),
    Mutation(
        "trigger tagged",
        _glue_tag("trigger/glue-nightly"),
        "AWS::Glue::Trigger",
        "glue-nightly",
        paths=("/Tags/Owner",),
    ),
    Mutation(
        "security configuration deleted",
        _gone("glue", "delete_security_configuration", Name="glue-sealed"),
        "AWS::Glue::SecurityConfiguration",
        "glue-sealed",
        kind="missing",
    ),
    Mutation(
        "project deleted",
        _gone("codebuild", "delete_project", name="build-shop"),
        "AWS::CodeBuild::Project",
        "build-shop",
        kind="missing",
    ),
    Mutation(
        "application tagged",
        _application,
        "AWS::CodeDeploy::Application",
        "deploy-shop",
        paths=("/Tags/Owner",),
    ),
    Mutation(
        "namespace renamed",
        _namespace,
        "AWS::ServiceDiscovery::HttpNamespace",
        "discovery-shop",
        paths=("/Description",),
    ),
]
