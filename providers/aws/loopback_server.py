"""moto's server with the few reading calls that moto lacks, each told from what moto knows."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from providers.aws import loopback_mended
from providers.aws.loopback import DELAY
from providers.aws.loopback_config import Queries
from providers.aws.loopback_inventory import Explorer, Fault, estate_of_moto

if TYPE_CHECKING:
    from providers.aws.loopback_cloud_control import CloudControl


def _resources_for_web_acl(response: Any) -> tuple[int, dict[str, str], str]:
    """``wafv2:ListResourcesForWebACL``: of one kind of resource, load balancers where none is named."""
    asked = json.loads(response.body)
    backend = response.wafv2_backend
    acl = backend.wacls.get(asked["WebACLArn"])
    service = {
        "API_GATEWAY": ":apigateway:",
        "APPLICATION_LOAD_BALANCER": ":elasticloadbalancing:",
        "COGNITO_USER_POOL": ":cognito-idp:",
    }.get(asked.get("ResourceType", "APPLICATION_LOAD_BALANCER"))
    found = [one for one in (acl.associated_resources if acl else ()) if service and service in one]
    return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": found})


def _function_url_configs(response: Any) -> str:
    """``lambda:ListFunctionUrlConfigs``."""
    function = response.backend.get_function(unquote(response.path.split("/")[-2]))
    found = [function.url_config.to_dict()] if function.url_config else []
    return json.dumps({"FunctionUrlConfigs": found})


def _nothing_provisioned(_response: Any) -> str:
    """``lambda:GetProvisionedConcurrencyConfig``: moto keeps none."""
    from moto.awslambda.exceptions import LambdaClientError

    raise LambdaClientError("ProvisionedConcurrencyConfigNotFoundException", "There is none.")


def _no_tags(_response: Any) -> str:
    """``iot:ListTagsForResource``: moto keeps none."""
    return json.dumps({"tags": []})


def _named_queries(response: Any) -> str:
    """``athena:BatchGetNamedQuery``."""
    found = []
    for id_ in response._get_param("NamedQueryIds"):
        query = response.athena_backend.get_named_query(id_)
        if query is not None:
            told = {
                "Name": query.name,
                "Description": query.description,
                "Database": query.database,
                "QueryString": query.query_string,
                "NamedQueryId": query.id,
                "WorkGroup": query.workgroup.name,
            }
            found.append(told)
    return json.dumps({"NamedQueries": found, "UnprocessedNamedQueryIds": []})


def _authorizers(response: Any) -> tuple[int, dict[str, str], str]:
    """``apigatewayv2:GetAuthorizers``."""
    api = response.apigatewayv2_backend.get_api(response.path.split("/")[-2])
    return 200, {}, json.dumps({"items": [one.to_json() for one in api.authorizers.values()]})


def _valid_definition(_response: Any) -> str:
    """``states:ValidateStateMachineDefinition``: moto takes any."""
    return json.dumps({"result": "OK", "diagnostics": [], "truncated": False})


def _no_versions(_response: Any) -> str:
    """``states:ListStateMachineVersions``: moto keeps none."""
    return json.dumps({"stateMachineVersions": []})


def _access_entries(_response: Any) -> tuple[int, dict[str, str], str]:
    """``eks:ListAccessEntries``: moto keeps none."""
    return 200, {}, json.dumps({"accessEntries": []})


def _no_events(_response: Any) -> str:
    """``cloudtrail:LookupEvents``: moto keeps none (:mod:`providers.aws.loopback_trail` answers of some)."""
    return json.dumps({"Events": []})


def _selected(response: Any) -> tuple[int, dict[str, str], str]:
    """``config:SelectResourceConfig`` and ``SelectAggregateResourceConfig``: of what moto knows, as far as
    there is a recorder."""
    from moto.config.models import config_backends

    account = response.current_account
    recorders = {
        (account, region): {"name": name, "recordingGroup": _group(one)}
        for region, backend in list(config_backends[account].items())
        for name, one in backend.recorders.items()
    }
    there = config_backends[account][response.region].config_aggregators
    names = [{"ConfigurationAggregatorName": one} for one in there]
    queries = Queries(
        lambda: estate_of_moto(sys.modules),
        recorders=recorders,
        aggregators={(account, response.region): names},
    )
    operation = response.headers["X-Amz-Target"].rpartition(".")[2]
    try:
        told = queries.answer(operation, account, response.region, json.loads(response.body))
    except Fault as fault:
        return 400, {}, json.dumps({"__type": fault.code, "message": fault.message})
    return 200, {}, json.dumps(told)


def _group(recorder: Any) -> dict[str, Any]:
    group = recorder.recording_group
    return {"allSupported": group.all_supported, "resourceTypes": list(group.resource_types or ())}


def _no_sources(_response: Any) -> str:
    """``config:DescribeConfigurationAggregatorSourcesStatus``: what moto's aggregators hold is always the
    newest."""
    return json.dumps({"AggregatedSourceStatusList": []})


#: The access key and the region of a request to Resource Explorer.
_SIGNED = re.compile(r"Credential=(\w+)/\d+/([\w-]+)/resource-explorer-2/")


class Beside:
    """Answers of a service that moto does not know at all, in front of its own application."""

    def __init__(self) -> None:
        self.explorer = Explorer(lambda: estate_of_moto(sys.modules))

    def answers(self, environ: Mapping[str, Any]) -> tuple[str, bytes] | None:
        """The status line and the body for a request to such a service; None for all others."""
        scope = _SIGNED.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope is None:
            return None
        from moto.iam.models import get_account_id_from

        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        operation = environ.get("PATH_INFO", "").strip("/")
        try:
            told = self.explorer.answer(
                operation, get_account_id_from(scope[1]), scope[2], json.loads(body or b"{}")
            )
        except Fault as fault:
            return f"{fault.status} {fault.code}", json.dumps(
                {"__type": fault.code, "Message": fault.message}
            ).encode()
        return "200 OK", json.dumps(told).encode()


def _beside(known: Callable[..., Any]) -> Callable[..., Any]:
    """moto's application, with what stands beside it."""
    beside, delay = Beside(), float(os.environ.get(DELAY) or 0)

    def call(self: Any, environ: dict[str, Any], start_response: Any) -> Any:
        if delay:
            time.sleep(delay)
        told = beside.answers(environ)
        if told is None:
            return known(self, environ, start_response)
        kind = ("Content-Type", "application/json")
        start_response(told[0], [kind, ("Content-Length", str(len(told[1])))])
        return [told[1]]

    return call


def _all_capacity_providers(known: Any) -> Any:
    """``ecs:DescribeCapacityProviders`` that names none asks for all."""

    def describe(backend: Any, names: list[str] | None) -> Any:
        return known(backend, names or list(backend.capacity_providers))

    return describe


def _add(where: Any, **answers: Any) -> None:
    for name, answer in answers.items():
        if not hasattr(where, name):  # a newer moto may know it
            setattr(where, name, answer)


def _apigatewayv2() -> None:
    from moto.apigatewayv2.responses import ApiGatewayV2Response

    _add(ApiGatewayV2Response, get_authorizers=_authorizers)


def _athena() -> None:
    from moto.athena.responses import AthenaResponse

    _add(AthenaResponse, batch_get_named_query=_named_queries)


def _awslambda() -> None:
    from moto.awslambda import urls
    from moto.awslambda.responses import LambdaResponse

    _add(
        LambdaResponse,
        list_function_url_configs=_function_url_configs,
        get_provisioned_concurrency_config=_nothing_provisioned,
    )
    for part in ("urls", "provisioned-concurrency"):
        path = rf"{{0}}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/{part}/?$"
        urls.url_paths.setdefault(path, LambdaResponse.dispatch)


def _cloudtrail() -> None:
    from moto.cloudtrail.responses import CloudTrailResponse

    _add(CloudTrailResponse, lookup_events=_no_events)


def _config() -> None:
    from moto.config.responses import ConfigResponse

    ConfigResponse.select_resource_config = _selected  # type: ignore[assignment, method-assign]
    _add(
        ConfigResponse,
        select_aggregate_resource_config=_selected,
        describe_configuration_aggregator_sources_status=_no_sources,
    )


def _ecs() -> None:
    from moto.ecs.models import EC2ContainerServiceBackend

    known = EC2ContainerServiceBackend.describe_capacity_providers
    EC2ContainerServiceBackend.describe_capacity_providers = _all_capacity_providers(known)  # type: ignore[method-assign]


def _eks() -> None:
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    _add(EKSResponse, list_access_entries=_access_entries)
    urls.url_paths.setdefault("{0}/clusters/(?P<name>[^/]+)/access-entries$", urls.response.dispatch)


def _iot() -> None:
    from moto.iot.responses import IoTResponse

    _add(IoTResponse, list_tags_for_resource=_no_tags)


def _iam() -> None:
    from moto.iam.responses import IamResponse

    _add(IamResponse, simulate_principal_policy=loopback_mended.simulated)
    loopback_mended.policies()


def _stepfunctions() -> None:
    from moto.stepfunctions.responses import StepFunctionResponse

    _add(
        StepFunctionResponse,
        list_state_machine_versions=_no_versions,
        validate_state_machine_definition=_valid_definition,
    )


def _wafv2() -> None:
    from moto.wafv2.responses import WAFV2Response

    _add(WAFV2Response, list_resources_for_web_acl=_resources_for_web_acl)


#: A package of moto → what adds to it, which imports it: only once moto itself does, since that takes longer
#: than all else at the start.
_ADDED: dict[str, Callable[[], None]] = {
    "apigatewayv2": _apigatewayv2,
    "athena": _athena,
    "awslambda": _awslambda,
    "cloudformation": loopback_mended.stacks,
    "cloudtrail": _cloudtrail,
    "config": _config,
    "ecs": _ecs,
    "eks": _eks,
    "iam": _iam,
    "iot": _iot,
    "mq": loopback_mended.brokers,
    "resourcegroupstaggingapi": loopback_mended.tags,
    "s3": loopback_mended.buckets,
    "ssm": loopback_mended.parameters,
    "stepfunctions": _stepfunctions,
    "wafv2": _wafv2,
}


#: A service of moto's whose paths lead to another one, too.
_ALSO = {"apigateway": "apigatewayv2"}


def _adding(known: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """moto's way to a service's backend, which adds what is lacking."""
    left = dict(_ADDED)

    def get_backend(service: Any) -> Any:
        found = known(service)
        for name in [one for one in left if f"moto.{one}.models" in sys.modules or one == _ALSO.get(service)]:
            left.pop(name)()
        return found

    return get_backend


@cache
def _cloud_control(url: str, key: str) -> CloudControl:
    """The Cloud Control of the moto that answers at ``url``, for who has this access key."""
    from providers.aws.loopback_cloud_control import CloudControl
    from providers.aws.loopback_estate import Estate

    return CloudControl(Estate(url, key))


def _with_cloud_control(known: Callable[..., Any]) -> Callable[..., Any]:
    """moto's application, which answers Cloud Control, too: of its own estate, as our reader tells it."""

    def call(application: Any, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if not target.startswith("CloudApiService."):
            return known(application, environ, start)
        from moto.iam.models import get_account_id_from

        from providers.aws.loopback_cloud_control import signed

        key, region = signed(environ.get("HTTP_AUTHORIZATION", ""))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        front = _cloud_control(f"http://127.0.0.1:{environ['SERVER_PORT']}", key)
        answer = front.answer(target, get_account_id_from(key), region, body)
        start(f"{answer.status} {'OK' if answer.status == 200 else 'Error'}", list(answer.headers.items()))
        return [answer.body]

    return call


def complete() -> None:
    """Has moto know what it lacks, from now on."""
    import moto.backends
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    application: Any = DomainDispatcherApplication
    application.__call__ = _with_cloud_control(_beside(application.__call__))
    moto.backends.get_backend = _adding(moto.backends.get_backend)  # type: ignore[assignment]


def main() -> None:
    """Starts the server at a port that the system chooses, and tells it on stdout; what moto prints goes to
    stderr."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from providers.aws.loopback_http import listening

    complete()
    application: Any = DomainDispatcherApplication(create_backend_app)
    application.debug = True  # as moto.server does
    server, port = listening(application)
    os.environ["MOTO_PORT"] = str(port)
    with os.fdopen(os.dup(1), "w") as told:
        os.dup2(2, 1)
        told.write(f"{port}\n")
    try:
        server.serve()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
