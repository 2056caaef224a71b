"""What people do behind Git's back to streams, to where these are delivered, and to objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _kept_longer(clients: Clients) -> None:
    clients("kinesis").increase_stream_retention_period(StreamName="kinesis-clicks", RetentionPeriodHours=168)


def _delivered_elsewhere(clients: Clients) -> None:
    firehose = clients("firehose")
    told = firehose.describe_delivery_stream(DeliveryStreamName="firehose-lake")["DeliveryStreamDescription"]
    (destination,) = told["Destinations"]
    firehose.update_destination(
        DeliveryStreamName="firehose-lake",
        CurrentDeliveryStreamVersionId=told["VersionId"],
        DestinationId=destination["DestinationId"],
        # whole: of the same destination's other description moto keeps only what an update says
        ExtendedS3DestinationUpdate={
            **destination["ExtendedS3DestinationDescription"],
            "BucketARN": "arn:aws:s3:::somebody-elses",
        },
    )


def _other_code(clients: Clients) -> None:
    clients("s3").put_object(
        Bucket="lambda-estate-code", Key="app.zip", Body=b"other", ContentType="application/octet-stream"
    )


MUTATIONS = [
    Mutation(
        "stream kept longer",
        _kept_longer,
        "AWS::Kinesis::Stream",
        "kinesis-clicks",
        paths=("/RetentionPeriodHours",),
    ),
    Mutation(
        "delivered elsewhere",
        _delivered_elsewhere,
        "AWS::KinesisFirehose::DeliveryStream",
        "firehose-lake",
        paths=("/ExtendedS3DestinationConfiguration/BucketARN",),
    ),
    Mutation(
        "object replaced",
        _other_code,
        "AWS::S3::Object",
        "lambda-estate-code/app.zip",
        paths=("/ETag", "/Tags/ManagedBy"),
    ),
]
