"""What the address of a DataSync location says."""

from __future__ import annotations

from typing import Any


def location_s3(document: dict[str, Any]) -> dict[str, Any]:
    """``S3BucketArn`` and ``Subdirectory`` from ``s3://BUCKET/FOLDER/``; an access point's address is left as
    it is.

    Source: https://docs.aws.amazon.com/datasync/latest/userguide/API_DescribeLocationS3.html.
    """
    bucket, _, folder = str(document.get("LocationUri") or "").removeprefix("s3://").partition("/")
    if not bucket or bucket.startswith("arn:"):
        why = "of an access point the address is not taken apart"
        document.setdefault("unread", {}).update({"S3BucketArn": why, "Subdirectory": why})
        return {}
    return {"S3BucketArn": f"arn:{document['partition']}:s3:::{bucket}", "Subdirectory": f"/{folder}"}
