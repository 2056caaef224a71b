"""Environment variables, wherever clouds keep them: hidden, but those that people may read."""

from __future__ import annotations

from typing import Any

import pytest

from drift import plugins
from drift.facts import NOTHING
from drift.model import Resource
from drift.redaction import NAMED_VALUES, Redactor, is_secret

#: Where variables stand: a name and a value → (provider, type, attributes), and how to find the value again.
PLACES: dict[str, Any] = {
    "Kubernetes": lambda n, v: (
        "kubernetes",
        "apps/v1/Deployment",
        {"spec": {"template": {"spec": {"containers": [{"name": "c", "env": [{"name": n, "value": v}]}]}}}},
    ),
    "custom resource": lambda n, v: (
        "kubernetes",
        "example.com/v1/Worker",
        {"spec": {"extraEnv": [{"name": n, "value": v}]}},
    ),
    "Lambda": lambda n, v: ("aws", "AWS::Lambda::Function", {"Environment": {"Variables": {n: v}}}),
    "ECS": lambda n, v: (
        "aws",
        "AWS::ECS::TaskDefinition",
        {"ContainerDefinitions": [{"Name": "c", "Environment": [{"Name": n, "Value": v}]}]},
    ),
    "Beanstalk": lambda n, v: (
        "aws",
        "AWS::No::Facts",
        {
            "OptionSettings": [
                {"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": n, "Value": v}
            ]
        },
    ),
    "Lightsail": lambda n, v: (
        "aws",
        "AWS::No::Facts",
        {"Containers": [{"Environment": [{"Variable": n, "Value": v}]}]},
    ),
    "Airflow": lambda n, v: (
        "aws",
        "AWS::MWAA::Environment",
        {"AirflowConfigurationOptions": {n: v}},
    ),
    "Kafka connector": lambda n, v: (
        "aws",
        "AWS::KafkaConnect::Connector",
        {"ConnectorConfiguration": {n: v}},
    ),
    "product": lambda n, v: (
        "aws",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
        {"ProvisioningParameters": [{"Key": n, "Value": v}]},
    ),
    "SSM association": lambda n, v: ("aws", "AWS::SSM::Association", {"Parameters": {n: [v]}}),
    "SSM task": lambda n, v: (
        "aws",
        "AWS::SSM::MaintenanceWindowTask",
        {"TaskInvocationParameters": {"MaintenanceWindowRunCommandParameters": {"Parameters": {n: [v]}}}},
    ),
    "database option": lambda n, v: (
        "aws",
        "AWS::RDS::OptionGroup",
        {"OptionConfigurations": [{"OptionName": "o", "OptionSettings": [{"Name": n, "Value": v}]}]},
    ),
    "Glue": lambda n, v: ("aws", "AWS::Glue::Job", {"DefaultArguments": {n: v}}),
    "log driver": lambda n, v: (
        "aws",
        "AWS::ECS::TaskDefinition",
        {"ContainerDefinitions": [{"Name": "c", "LogConfiguration": {"Options": {n: v}}}]},
    ),
    "web ACL": lambda n, v: (
        "aws",
        "AWS::WAFv2::WebACL",
        {"DefaultAction": {"Allow": {"CustomRequestHandling": {"InsertHeaders": [{"Name": n, "Value": v}]}}}},
    ),
    "app settings": lambda n, v: ("azure", "Microsoft.Web/sites/config", {"properties": {n: v}}),
    "settings in an app": lambda n, v: (
        "azure",
        "Microsoft.No/facts",
        {"properties": {"siteConfig": {"appSettings": [{"name": n, "value": v}]}}},
    ),
    "Cloud Run": lambda n, v: (
        "gcp",
        "run.googleapis.com/Service",
        {"template": {"containers": [{"env": [{"name": n, "value": v}]}]}},
    ),
    "Cloud Functions": lambda n, v: (
        "gcp",
        "cloudfunctions.googleapis.com/Function",
        {"serviceConfig": {"environmentVariables": {n: v}}},
    ),
}


def hidden(place: str, name: str, value: str, *public: str) -> bool:
    provider, type_, attributes = PLACES[place](name, value)
    facts = plugins.providers()[provider].facts(type_)
    resource = Resource(provider, "s", type_, "i", attributes)
    clean = Redactor("k", public).resource(resource, NOTHING if facts is None else facts.root)
    return value not in _texts(clean.attributes)


def _texts(value: Any) -> list[str]:
    if is_secret(value):
        return []
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if isinstance(value, str) else [text for one in children for text in _texts(one)]


@pytest.mark.parametrize("place", PLACES)
def test_variables_are_hidden_but_those_that_people_may_read(place: str) -> None:
    assert hidden(place, "GREETING", "bonjour")
    assert hidden(place, "PIN", "7391")
    assert hidden(place, "DB_PW", "true7")
    assert not hidden(place, "LOG_LEVEL", "bonjour")
    assert not hidden(place, "STAGE", "blue")
    assert not hidden(place, "ORDERS", "http://orders.shop.svc:8080")
    assert not hidden(place, "SWITCH", "true")


@pytest.mark.parametrize(
    "value",
    [
        "8080",
        "eu-west-1",
        "eu-west-1a",
        "westeurope",
        "us-central1-a",
        "30s",
        "512Mi",
        "v1.2.3",
        "Europe/Berlin",
        "de_DE.UTF-8",
        "/var/log/app",
        "10.0.0.0/8",
        "db.internal:5432",
        "redis:6379",
        "production",
        "info",
        "a.svc,b.svc",
        "arn:aws:sqs:eu-west-1:111111111111:orders",
        "https://sqs.eu-west-1.amazonaws.com/111111111111/orders",
        "$(POD_IP)",
    ],
)
def test_values_that_can_be_no_secret(value: str) -> None:
    assert not hidden("Kubernetes", "ANYTHING", value)
    assert hidden("Kubernetes", "PASSWORD", value) or value == "$(POD_IP)"


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "deadbeef",
        "correct horse",
        "123456",
        "/Tr0ub4dor9",
        "kx92mfa0qlw",
        "https://pay.example.net/v2",
        "http://a.svc/kx92mfa0qlwpppp0",
        "a1b2c3d4:e5",
    ],
)
def test_values_that_may_be_one(value: str) -> None:
    assert hidden("Kubernetes", "ANYTHING", value)


def test_users_say_what_is_public_but_not_of_secrets() -> None:
    assert not hidden("Lambda", "GREETING", "bonjour", "GREET*")
    assert not hidden("Lambda", "greeting", "bonjour", "GREET*")
    assert hidden("Lambda", "GREETING_TOKEN", "bonjour", "GREET*")


def test_a_setting_called_environment_is_no_list_of_variables() -> None:
    build = {"Environment": {"ComputeType": "BUILD_GENERAL1_SMALL", "Image": "aws/codebuild/standard:7.0"}}
    resource = Resource("aws", "s", "AWS::No::Facts", "i", {**build, "labels": {"env": "shop-eu"}})
    assert Redactor("k").resource(resource, NOTHING) is resource


def test_where_a_variable_is_taken_from_is_read() -> None:
    entry = {"Name": "GREETING", "Value": "/shop/greeting", "Type": "PARAMETER_STORE"}
    resource = Resource("aws", "s", "AWS::No::Facts", "i", {"EnvironmentVariables": [entry]})
    assert Redactor("k").resource(resource, NOTHING) is resource


def test_the_default_of_an_option_is_read() -> None:
    setting = {"Name": "TIME_ZONE", "Value": "words", "DefaultValue": "words"}
    options = {"OptionConfigurations": [{"OptionName": "o", "OptionSettings": [setting]}]}
    facts = plugins.providers()["aws"].facts("AWS::RDS::OptionGroup")
    assert facts is not None
    resource = Resource("aws", "s", facts.type, "i", options)
    assert Redactor("k").resource(resource, facts.root).attributes == options


def test_a_parameter_has_one_hash_as_a_list_and_as_terraform_joins_it() -> None:
    facts = plugins.providers()["aws"].facts("AWS::SSM::Association")
    assert facts is not None
    sides = [
        Redactor("k")
        .resource(Resource("aws", "s", facts.type, "i", {"Parameters": {"words": said}}), facts.root)
        .attributes
        for said in (["correct horse", "battery"], "correct horse,battery")
    ]
    assert sides[0] == sides[1] and is_secret(sides[0]["Parameters"]["words"])


def test_settings_of_an_engine_and_what_is_drawn_are_read() -> None:
    provider = plugins.providers()["aws"]
    examples: dict[str, dict[str, Any]] = {
        "AWS::MemoryDB::ParameterGroup": {"Parameters": {"maxmemory-policy": "volatile lru"}},
        "AWS::IVSChat::LoggingConfiguration": {
            "DestinationConfiguration": {"Firehose": {"DeliveryStreamName": "orders blue"}}
        },
    }
    for type_, said in examples.items():
        facts = provider.facts(type_)
        assert facts is not None
        resource = Resource("aws", "s", type_, "i", said)
        assert Redactor("k").resource(resource, facts.root).attributes == said


def test_the_name_of_a_stream_to_which_whoever_knows_it_may_send_is_hidden() -> None:
    facts = plugins.providers()["aws"].facts("AWS::MediaLive::Input")
    assert facts is not None
    resource = Resource("aws", "s", facts.type, "i", {"Destinations": [{"StreamName": "live/correct-horse"}]})
    clean = Redactor("k").resource(resource, facts.root).attributes
    assert is_secret(clean["Destinations"][0]["StreamName"])


@pytest.mark.parametrize(("named", "held"), NAMED_VALUES)
def test_what_an_entry_calls_a_secret_is_hidden_however_entries_name_what_they_hold(
    named: str, held: str
) -> None:
    said = {"Things": [{named: "DatabasePassword", held: "horse-17"}, {named: "Colour", held: "horse-18"}]}
    first, second = Redactor("k").resource(Resource("aws", "s", "t", "i", said), NOTHING).attributes["Things"]
    assert is_secret(first[held])
    assert second == said["Things"][1]
