"""An AWS of which some is read by its types and most is only named by an inventory: a loopback AWS with a
Resource Explorer and an AWS Config in front, over an estate that a test writes down."""

from __future__ import annotations

import http.client
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from drift.loopback import Answer, Request, Server
from providers.aws.loopback import ACCOUNT
from providers.aws.loopback_config import Queries
from providers.aws.loopback_inventory import Explorer, Fault, Item

#: The caller's access key, and the account of a role that it enters.
KEY, OTHER = "AKIALOOPBACKLOOPBACK", "222222222222"
#: How many of each type that nobody reads there are in two regions: CloudFormation's type, and the ARN.
UNREAD: dict[str, tuple[str, int, int]] = {
    "AWS::SageMaker::NotebookInstance": ("sagemaker:{region}:{account}:notebook-instance/n{n}", 3, 2),
    "AWS::AppMesh::Mesh": ("appmesh:{region}:{account}:mesh/m{n}", 1, 0),
    "AWS::IVS::Channel": ("ivs:{region}:{account}:channel/c{n}", 2, 1),
    "AWS::MediaLive::Channel": ("medialive:{region}:{account}:channel:{n}", 4, 0),
    "AWS::MediaConvert::Queue": ("mediaconvert:{region}:{account}:queues/q{n}", 1, 1),
    "AWS::GameLift::Fleet": ("gamelift:{region}:{account}:fleet/fleet-{n}", 2, 0),
    "AWS::Amplify::App": ("amplify:{region}:{account}:apps/a{n}", 5, 3),
    "AWS::AppRunner::Service": ("apprunner:{region}:{account}:service/s{n}/1", 1, 1),
    "AWS::Kinesis::Stream": ("kinesis:{region}:{account}:stream/s{n}", 7, 2),
    "AWS::MSK::Cluster": ("kafka:{region}:{account}:cluster/k{n}/u-{n}", 1, 0),
    "AWS::OpenSearchService::Domain": ("es:{region}:{account}:domain/d{n}", 1, 1),
    "AWS::Redshift::Cluster": ("redshift:{region}:{account}:cluster:r{n}", 2, 0),
    "AWS::DAX::Cluster": ("dax:{region}:{account}:cache/d{n}", 1, 0),
    "AWS::MemoryDB::Cluster": ("memorydb:{region}:{account}:cluster/m{n}", 1, 1),
    "AWS::Cognito::UserPool": ("cognito-idp:{region}:{account}:userpool/{region}_{n}", 2, 2),
    "AWS::CodePipeline::Pipeline": ("codepipeline:{region}:{account}:p{n}", 3, 0),
    "AWS::CodeCommit::Repository": ("codecommit:{region}:{account}:r{n}", 2, 0),
    "AWS::Batch::JobQueue": ("batch:{region}:{account}:job-queue/j{n}", 1, 1),
    "AWS::EKS::Cluster": ("eks:{region}:{account}:cluster/e{n}", 1, 1),
    "AWS::EC2::TransitGateway": ("ec2:{region}:{account}:transit-gateway/tgw-{n}", 1, 1),
    "AWS::EC2::VPNGateway": ("ec2:{region}:{account}:vpn-gateway/vgw-{n}", 1, 0),
    "AWS::EC2::CustomerGateway": ("ec2:{region}:{account}:customer-gateway/cgw-{n}", 2, 0),
    "AWS::GuardDuty::Detector": ("guardduty:{region}:{account}:detector/{n}", 1, 1),
    "AWS::AppSync::GraphQLApi": ("appsync:{region}:{account}:apis/a{n}", 2, 0),
    "AWS::ElasticBeanstalk::Application": ("elasticbeanstalk:{region}:{account}:application/b{n}", 1, 0),
    "AWS::Synthetics::Canary": ("synthetics:{region}:{account}:canary:c{n}", 3, 1),
    "AWS::AmazonMQ::Broker": ("mq:{region}:{account}:broker:b{n}:b-{n}", 1, 0),
    "AWS::Timestream::Database": ("timestream:{region}:{account}:database/t{n}", 1, 0),
    "AWS::IoT::Thing": ("iot:{region}:{account}:thing/t{n}", 11, 4),
    "AWS::Grafana::Workspace": ("grafana:{region}:{account}:/workspaces/g-{n}", 1, 0),
    "AWS::Pipes::Pipe": ("pipes:{region}:{account}:pipe/p{n}", 1, 2),
    "AWS::ECS::TaskSet": ("ecs:{region}:{account}:task-set/c/s/{n}", 1, 0),
}
#: What CloudFormation does not know keeps Explorer's name.
UNKNOWN = {"ec2:snapshot": ("ec2:{region}:{account}:snapshot/snap-{n}", 6, 1)}
#: What has no region.
ONCE = "AWS::GlobalAccelerator::Accelerator"
#: Of which only reading them tells what AWS made.
UNTOLD = "AWS::EC2::NetworkInterface"
#: What gives access is listed, one of each.
ACCESS = {
    "AWS::RAM::ResourceShare": "ram:us-east-1:{account}:resource-share/r",
    "AWS::SSO::PermissionSet": "sso:us-east-1:{account}:permissionSet/ssoins-1/ps-1",
}
#: What AWS makes itself.
OWN = {
    "AWS::Athena::DataCatalog": "athena:us-east-1:{account}:datacatalog/AwsDataCatalog",
    "AWS::MediaConvert::Queue": "mediaconvert:us-east-1:{account}:queues/Default",
}
REGIONS = ("us-east-1", "eu-west-1")


def items(account: str = ACCOUNT) -> list[Item]:
    """The whole estate of an account as an inventory lists it, with what is read by its type, what lies in a
    region that nobody reads, and what AWS makes."""
    found: list[Item] = []
    for type_, (form, *counts) in {**UNREAD, **UNKNOWN}.items():
        for region, count in zip(REGIONS, counts, strict=True):
            known = type_ if type_.startswith("AWS::") else ""
            arns = (f"arn:aws:{form.format(region=region, account=account, n=n)}" for n in range(count))
            found += (Item(account, region, known, arn) for arn in arns)
    once = [*ACCESS.items(), *OWN.items()]
    found += (
        Item(account, "us-east-1", type_, f"arn:aws:{form.format(account=account)}") for type_, form in once
    )
    for queue in ("declared", "extra"):
        found.append(
            Item(account, "us-east-1", "AWS::SQS::Queue", f"arn:aws:sqs:us-east-1:{account}:{queue}")
        )
    found += (
        Item(account, "eu-west-1", UNTOLD, f"arn:aws:ec2:eu-west-1:{account}:network-interface/eni-{n}")
        for n in range(3)
    )
    found.append(Item(account, "global", ONCE, f"arn:aws:globalaccelerator::{account}:accelerator/a"))
    found.append(Item(account, "global", "AWS::IAM::User", f"arn:aws:iam::{account}:user/somebody"))
    found.append(
        Item(account, "ap-south-1", "AWS::IVS::Channel", f"arn:aws:ivs:ap-south-1:{account}:channel/x")
    )
    return found


def expected(regions: Iterable[str] = REGIONS) -> Counter[tuple[str, str]]:
    """How many of each (type, region) nobody reads and nobody declares, less what counts with another
    type."""
    wanted = set(regions)
    return Counter({(ONCE, "global"): 1}) + Counter(
        {
            (type_, region): count
            for type_, (_, *counts) in {**UNREAD, **UNKNOWN}.items()
            for region, count in zip(REGIONS, counts, strict=True)
            if count and region in wanted and type_ != "AWS::ECS::TaskSet"
        }
    )


class Front:
    """Resource Explorer and AWS Config over ``estate``; whatever else is asked, the AWS at ``beyond``
    answers. ``account`` is whose the caller is."""

    def __init__(self, beyond: str, estate: list[Item], account: str = ACCOUNT) -> None:
        self.estate, self.account = estate, account
        self.refused: set[str] = set()
        self.explorer = Explorer(lambda: self.estate)
        self.config = Queries(lambda: self.estate)
        self._beyond = urlsplit(beyond)
        self._server = Server(self._answer)
        self.url = self._server.url

    def close(self) -> None:
        """Ends it."""
        self._server.close()

    def indexes(self, aggregator: str | None = "us-east-1", others: Iterable[str] = ("eu-west-1",)) -> None:
        """Turns Resource Explorer on, with a default view of each index that leaves nothing out."""
        for region in filter(None, (aggregator, *others)):
            type_ = "AGGREGATOR" if region == aggregator else "LOCAL"
            self.explorer.indexes[(self.account, region)] = type_
            self.view(region, "all", "")

    def view(self, region: str, name: str, filtered: str, *, default: bool = True, scope: str = "") -> None:
        """Makes a view."""
        said = {"ViewName": name, "Filters": {"FilterString": filtered}, "Scope": scope}
        view = self.explorer.answer("CreateView", self.account, region, said)["View"]
        if default:
            self.explorer.defaults[(self.account, region)] = view["ViewArn"]

    def records(self, region: str, **group: Any) -> None:
        """Turns AWS Config on in a region."""
        said = {"name": "default", "recording": True, "recordingGroup": group or {"allSupported": True}}
        self.config.recorders[(self.account, region)] = said

    def _answer(self, request: Request) -> Answer:
        said = request.headers.get("Authorization", "")
        signed = re.search(r"Credential=(\w+)/\d+/([\w-]+)/([\w-]+)/", said)
        service = signed[3] if signed else ""
        if signed is None or service not in ("resource-explorer-2", "config"):
            return self._passed_on(request)
        account = self.account if signed[1] == KEY else OTHER
        region, body = signed[2], json.loads(request.body or b"{}")
        kind = {"Content-Type": "application/json", "x-amzn-RequestId": "1"}
        try:
            if account in self.refused:
                raise Fault(403, "AccessDeniedException", "no identity-based policy allows the action")
            if service == "config":
                operation = request.headers["X-Amz-Target"].rpartition(".")[2]
                told: Mapping[str, Any] = self.config.answer(operation, account, region, body)
            else:
                told = self.explorer.answer(request.path.strip("/"), account, region, body)
        except Fault as fault:
            error = {"__type": fault.code, "Message": fault.message, "message": fault.message}
            return Answer(fault.status, json.dumps(error).encode(), kind)
        return Answer(200, json.dumps(told).encode(), kind)

    def _passed_on(self, request: Request) -> Answer:
        there = http.client.HTTPConnection(self._beyond.hostname or "", self._beyond.port, timeout=30)
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        path = f"{request.path}?{request.query}" if request.query else request.path
        there.request(request.method, path, request.body, headers)
        answer = there.getresponse()
        body = answer.read()
        there.close()
        kept = {name: answer.headers[name] for name in ("Content-Type",) if name in answer.headers}
        return Answer(answer.status, body, kept)
