"""The loopback AWS of the benchmark: a list tells of several things, a detail of the one that is asked."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from providers.aws.loopback import environment
from tests.bench.aws_answers import THINGS, serving


def test_lists_tell_of_several_things_and_details_of_the_one_that_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving() as url:
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)

        def client(service: str) -> Any:
            make: Any = boto3.client
            return make(service, config=Config(retries={"total_max_attempts": 1}))

        sts, dynamodb, lambda_, ec2 = map(client, ("sts", "dynamodb", "lambda", "ec2"))
        role = sts.assume_role(RoleArn="arn:aws:iam::111111111112:role/r", RoleSessionName="reader")
        assert role["Credentials"]["AccessKeyId"] == "ROLE111111111112"
        tables = dynamodb.list_tables()["TableNames"]
        assert len(set(tables)) == len(tables) == THINGS
        assert dynamodb.describe_table(TableName=tables[3])["Table"]["TableName"] == tables[3]
        assert lambda_.get_function(FunctionName=tables[4])["Configuration"]["FunctionName"] == tables[4]
        assert len(ec2.describe_vpcs()["Vpcs"]) == THINGS
