"""What somebody once made by hand and a baseline declares since."""

from __future__ import annotations

from providers.aws.demo.accounts import VIRGINIA, Clients

BASELINE = "baseline/legacy.yaml"
#: Of its records.
TYPES = ("AWS::SQS::Queue", "AWS::SSM::Parameter")


def build(clients: Clients) -> dict[str, str]:
    clients.get("sqs", VIRGINIA).create_queue(
        QueueName="newsletter",
        Attributes={"VisibilityTimeout": "60", "MessageRetentionPeriod": "1209600"},
        tags={"Owner": "marketing@larkspur.example"},
    )
    clients.get("ssm", VIRGINIA).put_parameter(
        Name="/newsletter/sender",
        Type="String",
        Value="hello@larkspur.example",
        Tags=[{"Key": "Owner", "Value": "marketing@larkspur.example"}],
    )
    return {}
