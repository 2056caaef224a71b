"""moto's server with the few reading calls that moto lacks, each told from what moto knows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote


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

    _add(LambdaResponse, list_function_url_configs=_function_url_configs)
    listed = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/urls/?$"
    urls.url_paths.setdefault(listed, LambdaResponse.dispatch)


def _parent_id(stack: Any) -> str | None:
    """``ParentId`` of ``cloudformation:DescribeStacks``: the stack that has this one among its resources."""
    from moto.cloudformation.models import cloudformation_backends

    others = cloudformation_backends[stack.account_id][stack.region_name].stacks.values()
    nesting = (one.stack_id for one in others if stack in one.resource_map._parsed_resources.values())  # noqa: SLF001
    return next(nesting, None)


def _with_its_stack(known: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """``cloudformation:ListStackInstances``: ``StackId`` is the one of the stack that was made."""

    def told(instance: Any) -> dict[str, Any]:
        return {**known(instance), "StackId": instance.stack.stack_id}

    return told


def _cloudformation() -> None:
    from moto.cloudformation.models import Stack, StackInstance

    Stack.physical_resource_id = property(lambda stack: stack.stack_id)  # type: ignore[assignment, method-assign]
    _add(Stack, parent_id=property(_parent_id))
    StackInstance.to_dict = _with_its_stack(StackInstance.to_dict)  # type: ignore[method-assign, assignment]


def _cloudtrail() -> None:
    from moto.cloudtrail.responses import CloudTrailResponse

    _add(CloudTrailResponse, lookup_events=_no_events)


def _ecs() -> None:
    from moto.ecs.models import EC2ContainerServiceBackend

    known = EC2ContainerServiceBackend.describe_capacity_providers
    EC2ContainerServiceBackend.describe_capacity_providers = _all_capacity_providers(known)  # type: ignore[method-assign]


def _eks() -> None:
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    _add(EKSResponse, list_access_entries=_access_entries)
    urls.url_paths.setdefault("{0}/clusters/(?P<name>[^/]+)/access-entries$", urls.response.dispatch)


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
    "cloudformation": _cloudformation,
    "cloudtrail": _cloudtrail,
    "ecs": _ecs,
    "eks": _eks,
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


def complete() -> None:
    """Has moto know what it lacks, from now on."""
    import moto.backends

    moto.backends.get_backend = _adding(moto.backends.get_backend)  # type: ignore[assignment]


def main() -> None:
    """Starts the server; the arguments are those of ``moto.server``."""
    from moto.server import main as serve

    complete()
    serve()


if __name__ == "__main__":
    main()
