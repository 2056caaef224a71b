"""Makes what the demo's AWS lacks, so that nearly every type of the facts is there to be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from providers.aws.loopback import ACCOUNT
from tests.providers.aws.existence_estate import MAKERS


def furnish(client: Callable[[str], Any], types: frozenset[str]) -> None:
    """One resource of each of the types that the demo does not make."""
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["example.net"]}])
    ec2.create_key_pair(KeyName="desk")
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3")
    buckets = client("s3")
    buckets.create_bucket(Bucket="older", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    buckets.delete_bucket_ownership_controls(Bucket="older")  # from before 2023, with an access control list
    _flow_log(client, vpc)
    _containers(client("ecs"))
    _balanced(client("elbv2"))
    _identities(client("iam"))
    _databases(client("rds"))
    for type_, make in MAKERS.items():
        if type_ in types:
            make(client)
    said = {"Sid": "in", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    said |= {"Action": "ecr:ReplicateImage", "Resource": f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/*"}
    policy = {"Version": "2012-10-17", "Statement": [said]}
    client("ecr").put_registry_policy(policyText=json.dumps(policy))
    functions = client("lambda")
    name = functions.list_functions()["Functions"][0]["FunctionName"]
    functions.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    events = client("events")
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="nightly", Targets=[{"Id": "q", "Arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"}])
    if "AWS::ApiGateway::Method" in types:
        _apis(client)
    if "AWS::Glue::Connection" in types:
        _glue(client("glue"))


def _apis(client: Callable[[str], Any]) -> None:
    """What lies in APIs and workgroups, and what is deployed."""
    rest = client("apigateway")
    api = rest.create_rest_api(name="menu")["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    item = rest.create_resource(restApiId=api, parentId=root, pathPart="menu")["id"]
    named = {"restApiId": api, "resourceId": item, "httpMethod": "GET"}
    rest.put_method(**named, authorizationType="NONE")
    rest.put_integration(**named, type="MOCK")
    made = rest.create_deployment(restApiId=api)["id"]
    rest.create_stage(restApiId=api, stageName="prod", deploymentId=made)
    http = client("apigatewayv2")
    other = http.create_api(Name="tables", ProtocolType="HTTP")["ApiId"]
    http.create_route(ApiId=other, RouteKey="GET /tables")
    http.create_integration(ApiId=other, IntegrationType="HTTP_PROXY", IntegrationUri="https://example.net")
    http.create_stage(ApiId=other, StageName="prod")
    http.create_authorizer(
        ApiId=other, Name="guests", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"]
    )
    athena = client("athena")
    athena.create_named_query(Name="guests", Database="d", QueryString="SELECT 1", WorkGroup="primary")
    deploy = client("codedeploy")
    deploy.create_application(applicationName="menu", computePlatform="Server")
    deploy.create_deployment_group(
        applicationName="menu", deploymentGroupName="prod", serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/r"
    )


def _flow_log(client: Callable[[str], Any], vpc: str) -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    role = client("iam").create_role(RoleName="flow", AssumeRolePolicyDocument=json.dumps(document))["Role"]
    client("logs").create_log_group(logGroupName="/flow")
    client("ec2").create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/flow",
        DeliverLogsPermissionArn=role["Arn"],
    )


def _glue(glue: Any) -> None:
    glue.create_connection(
        ConnectionInput={
            "Name": "warehouse",
            "ConnectionType": "JDBC",
            "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:postgresql://db.example.net/w"},
        }
    )
    glue.create_security_configuration(
        Name="sealed", EncryptionConfiguration={"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]}
    )


def _containers(ecs: Any) -> None:
    ecs.create_cluster(clusterName="web")
    group = f"arn:aws:autoscaling:eu-west-1:{ACCOUNT}:autoScalingGroup:1a2b:autoScalingGroupName/web"
    ecs.create_capacity_provider(name="group", autoScalingGroupProvider={"autoScalingGroupArn": group})
    ecs.register_task_definition(
        family="web", containerDefinitions=[{"name": "web", "image": "nginx", "memory": 128}]
    )
    ecs.create_service(cluster="web", serviceName="web", taskDefinition="web", desiredCount=1)


def _balanced(elbv2: Any) -> None:
    balancer = elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    elbv2.create_rule(
        ListenerArn=listener,
        Priority=7,
        Conditions=[{"Field": "path-pattern", "Values": ["/menu"]}],
        Actions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"},
            }
        ],
    )


def _identities(iam: Any) -> None:
    iam.create_user(UserName="robot")
    iam.create_access_key(UserName="robot")
    iam.create_open_id_connect_provider(Url="https://issuer.example.net", ThumbprintList=["a" * 40])
    iam.create_saml_provider(SAMLMetadataDocument="<xml>" + "a" * 1000, Name="staff")


def _databases(rds: Any) -> None:
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="own", DBParameterGroupFamily="aurora-mysql8.0", Description="own"
    )
    rds.create_db_cluster(
        DBClusterIdentifier="books", Engine="aurora-mysql", MasterUsername="u", MasterUserPassword="a" * 12
    )
