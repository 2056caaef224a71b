"""Return values that are a pure function of a resource's name and place, so that no answer of AWS is needed.

``{ref}`` is what ``Ref`` gives, ``{tail}`` its last segment, ``{group}`` the same where it is a security
group's id (outside of a VPC it is the group's name), ``{Name}`` a property of the template. Source: the
section "Return values" of each type in the CloudFormation template reference.
"""

from __future__ import annotations

#: What ``Ref`` gives where the stack is not known and it is not simply the name.
REFS: dict[str, str] = {
    "AWS::DynamoDB::GlobalTable": "{TableName}",
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{TopicName}",
    "AWS::SQS::Queue": "https://sqs.{region}.{suffix}/{account}/{QueueName}",
    "AWS::IAM::ManagedPolicy": "arn:{partition}:iam::{account}:policy{Path}{ManagedPolicyName}",
    "AWS::StepFunctions::StateMachine": (
        "arn:{partition}:states:{region}:{account}:stateMachine:{StateMachineName}"
    ),
    "AWS::Events::EventBus": "{Name}",
}

ATTRIBUTES: dict[str, dict[str, str]] = {
    "AWS::ApiGateway::RestApi": {"RestApiId": "{ref}"},
    "AWS::ApiGatewayV2::Api": {
        "ApiId": "{ref}",
        "ApiEndpoint": "https://{ref}.execute-api.{region}.{suffix}",
    },
    "AWS::CloudWatch::Alarm": {"Arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{ref}"},
    "AWS::CodeBuild::Project": {"Arn": "arn:{partition}:codebuild:{region}:{account}:project/{ref}"},
    "AWS::Cognito::UserPool": {
        "Arn": "arn:{partition}:cognito-idp:{region}:{account}:userpool/{ref}",
        "ProviderName": "cognito-idp.{region}.{suffix}/{ref}",
        "ProviderURL": "https://cognito-idp.{region}.{suffix}/{ref}",
        "UserPoolId": "{ref}",
    },
    "AWS::DynamoDB::GlobalTable": {"Arn": "arn:{partition}:dynamodb:{region}:{account}:table/{ref}"},
    "AWS::DynamoDB::Table": {"Arn": "arn:{partition}:dynamodb:{region}:{account}:table/{ref}"},
    "AWS::EC2::InternetGateway": {"InternetGatewayId": "{ref}"},
    "AWS::EC2::NatGateway": {"NatGatewayId": "{ref}"},
    "AWS::EC2::RouteTable": {"RouteTableId": "{ref}"},
    "AWS::EC2::SecurityGroup": {"GroupId": "{group}"},
    "AWS::EC2::Subnet": {"SubnetId": "{ref}"},
    "AWS::EC2::VPC": {"VpcId": "{ref}"},
    "AWS::EC2::Volume": {"VolumeId": "{ref}"},
    "AWS::ECR::Repository": {
        "Arn": "arn:{partition}:ecr:{region}:{account}:repository/{ref}",
        "RepositoryUri": "{account}.dkr.ecr.{region}.{suffix}/{ref}",
    },
    "AWS::ECS::Cluster": {"Arn": "arn:{partition}:ecs:{region}:{account}:cluster/{ref}"},
    "AWS::EKS::Cluster": {"Arn": "arn:{partition}:eks:{region}:{account}:cluster/{ref}"},
    "AWS::ElasticLoadBalancingV2::Listener": {"ListenerArn": "{ref}"},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"LoadBalancerArn": "{ref}"},
    "AWS::ElasticLoadBalancingV2::TargetGroup": {"TargetGroupArn": "{ref}"},
    "AWS::Elasticsearch::Domain": {
        "Arn": "arn:{partition}:es:{region}:{account}:domain/{ref}",
        "DomainArn": "arn:{partition}:es:{region}:{account}:domain/{ref}",
    },
    "AWS::Events::EventBus": {
        "Arn": "arn:{partition}:events:{region}:{account}:event-bus/{ref}",
        "Name": "{ref}",
    },
    "AWS::IAM::Group": {"Arn": "arn:{partition}:iam::{account}:group{Path}{ref}"},
    "AWS::IAM::InstanceProfile": {"Arn": "arn:{partition}:iam::{account}:instance-profile{Path}{ref}"},
    "AWS::IAM::ManagedPolicy": {"PolicyArn": "{ref}"},
    "AWS::IAM::OIDCProvider": {"Arn": "{ref}"},
    "AWS::IAM::Role": {"Arn": "arn:{partition}:iam::{account}:role{Path}{ref}"},
    "AWS::IAM::User": {"Arn": "arn:{partition}:iam::{account}:user{Path}{ref}"},
    "AWS::KMS::Key": {"Arn": "arn:{partition}:kms:{region}:{account}:key/{ref}", "KeyId": "{ref}"},
    "AWS::Kinesis::Stream": {"Arn": "arn:{partition}:kinesis:{region}:{account}:stream/{ref}"},
    "AWS::KinesisFirehose::DeliveryStream": {
        "Arn": "arn:{partition}:firehose:{region}:{account}:deliverystream/{ref}"
    },
    "AWS::Lambda::Function": {"Arn": "arn:{partition}:lambda:{region}:{account}:function:{ref}"},
    "AWS::Logs::LogGroup": {"Arn": "arn:{partition}:logs:{region}:{account}:log-group:{ref}:*"},
    "AWS::OpenSearchService::Domain": {
        "Arn": "arn:{partition}:es:{region}:{account}:domain/{ref}",
        "DomainArn": "arn:{partition}:es:{region}:{account}:domain/{ref}",
    },
    "AWS::S3::Bucket": {
        "Arn": "arn:{partition}:s3:::{ref}",
        "DomainName": "{ref}.s3.{suffix}",
        "DualStackDomainName": "{ref}.s3.dualstack.{region}.{suffix}",
        "RegionalDomainName": "{ref}.s3.{region}.{suffix}",
    },
    "AWS::Scheduler::Schedule": {
        "Arn": "arn:{partition}:scheduler:{region}:{account}:schedule/{GroupName}/{ref}"
    },
    "AWS::SNS::Topic": {"TopicArn": "{ref}", "TopicName": "{tail}"},
    "AWS::SQS::Queue": {
        "Arn": "arn:{partition}:sqs:{region}:{account}:{tail}",
        "QueueName": "{tail}",
        "QueueUrl": "{ref}",
    },
    "AWS::SecretsManager::Secret": {"Id": "{ref}"},
    "AWS::StepFunctions::StateMachine": {"Arn": "{ref}", "Name": "{tail}"},
}
