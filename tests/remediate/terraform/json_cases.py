"""Configurations in JSON syntax as people and their generators publish them, what was changed live, and the
lines that must change."""

# ruff: noqa: E501 - files as they are

from __future__ import annotations

import json
from typing import Any

from tests.remediate.terraform.estate import GONE, Case

QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"
BUCKET = "AWS::S3::Bucket"
LOGS = "AWS::Logs::LogGroup"
TABLE = "AWS::DynamoDB::Table"
ALARM = "AWS::CloudWatch::Alarm"
FUNCTION = "AWS::Lambda::Function"
GROUP = "AWS::EC2::SecurityGroup"
POLICY = "AWS::IAM::ManagedPolicy"


def resources(indent: int | None = 2, **said: Any) -> str:
    return json.dumps({"resource": said}, indent=indent) + "\n"


ORDERS = """\
{
  "//": "Queues of the shop. Written by hand.",
  "resource": {
    "aws_sqs_queue": {
      "orders": {
        "//": "What customers order",
        "name": "orders",
        "visibility_timeout_seconds": 30,
        "message_retention_seconds": 86400,
        "tags": {
          "Owner": "ada",
          "Environment": "prod"
        }
      },
      "mails": {"name": "mails", "delay_seconds": 5}
    }
  }
}
"""

VARIABLES = """\
{
    "variable": {
        "retention": {
            "type": "number",
            "description": "Days that logs are kept",
            "default": 14
        },
        "stage": {"type": "string"}
    },
    "locals": {
        "prefix": "shop-${var.stage}",
        "timeouts": {"orders": 60, "mails": 120}
    }
}
"""

LOGS_OF = """\
{
    "resource": {
        "aws_cloudwatch_log_group": {
            "api": {
                "name": "/shop/${var.stage}/api",
                "retention_in_days": "${var.retention}"
            }
        },
        "aws_sqs_queue": {
            "orders": {
                "name": "${local.prefix}-orders",
                "visibility_timeout_seconds": "${local.timeouts[\\"orders\\"]}"
            },
            "mails": {
                "name": "${local.prefix}-mails",
                "visibility_timeout_seconds": "${lookup(local.timeouts, \\"mails\\", 30)}"
            }
        }
    }
}
"""

EACH = """\
{
  "resource": {
    "aws_sqs_queue": {
      "all": {
        "for_each": {
          "orders": {"delay": 5, "size": 262144},
          "mails": {"delay": 10, "size": 1024}
        },
        "name": "${each.key}",
        "delay_seconds": "${each.value.delay}",
        "max_message_size": "${each.value.size}"
      }
    }
  }
}
"""

ALARMS = """\
{
  "resource": [
    {
      "aws_cloudwatch_metric_alarm": {
        "cpu": {
          "alarm_name": "cpu",
          "comparison_operator": "GreaterThanThreshold",
          "evaluation_periods": 2,
          "metric_name": "CPUUtilization",
          "namespace": "AWS/EC2",
          "period": 120,
          "statistic": "Average",
          "threshold": 80,
          "dimensions": {"AutoScalingGroupName": "web"}
        }
      }
    },
    {
      "aws_sns_topic": {
        "alerts": {
          "name": "alerts",
          "display_name": "Alerts"
        }
      }
    }
  ]
}
"""

BUCKETS = """\
{
  "resource": {
    "aws_s3_bucket": {
      "assets": {
        "bucket": "acme-assets",
        "tags": {"team": "web"}
      }
    },
    "aws_s3_bucket_versioning": {
      "assets": {
        "bucket": "${aws_s3_bucket.assets.id}",
        "versioning_configuration": {
          "status": "Enabled"
        }
      }
    },
    "aws_s3_bucket_lifecycle_configuration": {
      "assets": {
        "bucket": "${aws_s3_bucket.assets.id}",
        "rule": [
          {
            "id": "old",
            "status": "Enabled",
            "filter": {"prefix": "tmp/"},
            "expiration": {"days": 30}
          }
        ]
      }
    }
  }
}
"""

TABLES = """\
{
  "resource": {
    "aws_dynamodb_table": {
      "carts": {
        "name": "carts",
        "billing_mode": "PROVISIONED",
        "read_capacity": 5,
        "write_capacity": 5,
        "hash_key": "id",
        "attribute": [
          {"name": "id", "type": "S"}
        ],
        "point_in_time_recovery": [
          {"enabled": true}
        ]
      }
    }
  }
}
"""

POLICIES = """\
{
  "resource": {
    "aws_iam_policy": {
      "read": {
        "name": "read",
        "policy": "{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"s3:GetObject\\",\\"Resource\\":\\"*\\"}]}"
      }
    }
  }
}
"""

CALLED = """\
{
  "module": {
    "queue": {
      "source": "./queue",
      "name": "orders",
      "timeout": 30
    }
  }
}
"""

MODULE = """\
{
  "variable": {
    "name": {},
    "timeout": {"default": 60},
    "delay": {"default": 0}
  },
  "resource": {
    "aws_sqs_queue": {
      "this": {
        "name": "${var.name}",
        "visibility_timeout_seconds": "${var.timeout}",
        "delay_seconds": "${var.delay}"
      }
    }
  }
}
"""

SYNTHESISED = """\
{
  "//": {
    "metadata": {
      "backend": "local",
      "stackName": "shop",
      "version": "0.20.10"
    },
    "outputs": {}
  },
  "resource": {
    "aws_sqs_queue": {
      "orders": {
        "//": {"metadata": {"path": "shop/orders", "uniqueId": "orders"}},
        "name": "orders",
        "delay_seconds": 5
      }
    }
  }
}
"""

QUOTES = """\
{
  "locals": {"stages": {"p": "prod"}},
  "resource": {
    "aws_sns_topic": {
      "alerts": {
        "name": "alerts",
        "display_name": "Alerts of \\"${local.stages[\\"p\\"]}\\" by post",
        "tags": {"Team": "shop"}
      }
    }
  }
}
"""

EXPRESSIONS = """\
{
  "locals": {"tags": {"Owner": "ada"}},
  "resource": {
    "aws_iam_policy": {
      "read": {
        "name": "read",
        "policy": "${jsonencode({ Version = \\"2012-10-17\\", Statement = [{ Effect = \\"Allow\\", Action = \\"s3:GetObject\\", Resource = \\"*\\" }] })}"
      }
    },
    "aws_sns_topic": {
      "alerts": {
        "name": "alerts",
        "tags": "${merge(local.tags, { Team = \\"shop\\" })}"
      },
      "mails": {
        "name": "mails",
        "tags": "${local.tags}"
      }
    }
  }
}
"""

CASES: list[Case] = [
    Case("json-a-number", {"main.tf.json": ORDERS}, {(QUEUE, "orders"): {"VisibilityTimeout": 60}},
         {"main.tf.json": [(": 30,", ": 60,")]}, lines=(1, 1)),
    Case("json-on-one-line", {"main.tf.json": ORDERS}, {(QUEUE, "mails"): {"DelaySeconds": 9}},
         {"main.tf.json": [("_seconds\": 5}", "_seconds\": 9}")]}, lines=(1, 1)),
    Case("json-a-tag", {"main.tf.json": ORDERS}, {(QUEUE, "orders"): {"Tags/Owner": "grace"}},
         {"main.tf.json": [('"ada"', '"grace"')]}, lines=(1, 1)),
    Case("json-one-tag-more", {"main.tf.json": ORDERS}, {(QUEUE, "orders"): {"Tags/Cost": "42"}},
         {"main.tf.json": [('"prod"\n', '"prod",\n          "Cost": "42"\n')]}, lines=(2, 1)),
    Case("json-one-tag-less", {"main.tf.json": ORDERS}, {(QUEUE, "orders"): {"Tags/Environment": GONE}},
         {"main.tf.json": [('"ada",\n          "Environment": "prod"\n', '"ada"\n')]}, lines=(1, 2)),
    Case("json-an-argument-more", {"main.tf.json": ORDERS}, {(QUEUE, "orders"): {"DelaySeconds": 7}},
         {"main.tf.json": [('"prod"\n        }\n', '"prod"\n        },\n        "delay_seconds": 7\n')]}, lines=(2, 1)),
    Case("json-an-argument-less", {"main.tf.json": ORDERS}, {(QUEUE, "mails"): {"DelaySeconds": GONE}},
         {"main.tf.json": [(', "delay_seconds": 5', "")]}, lines=(1, 1)),
    Case("json-what-looks-like-a-template", {"main.tf.json": ORDERS}, {(QUEUE, "orders"): {"Tags/Owner": "${file(\"x\")}"}},
         {"main.tf.json": [('"ada"', '"$${file(\\"x\\")}"')]}, lines=(1, 1)),
    Case("json-windows", {"main.tf.json": ORDERS.replace("\n", "\r\n")}, {(QUEUE, "orders"): {"DelaySeconds": 7}},
         {"main.tf.json": [('"prod"\r\n        }\r\n', '"prod"\r\n        },\r\n        "delay_seconds": 7\r\n')]}, lines=(2, 1)),
    Case("json-without-a-last-newline", {"main.tf.json": ORDERS.rstrip()}, {(QUEUE, "orders"): {"VisibilityTimeout": 60}},
         {"main.tf.json": [(": 30,", ": 60,")]}, lines=(1, 1)),
    Case("json-of-one-line", {"main.tf.json": resources(None, aws_sqs_queue={"a": {"name": "a", "delay_seconds": 3}})},
         {(QUEUE, "a"): {"DelaySeconds": 4}}, {"main.tf.json": [(": 3}", ": 4}")]}, lines=(1, 1)),
    Case("json-with-tabs", {"main.tf.json": json.dumps({"resource": {"aws_sns_topic": {"t": {"name": "t", "display_name": "T"}}}}, indent="\t")},
         {(TOPIC, "t"): {"DisplayName": "Topic"}}, {"main.tf.json": [('"T"', '"Topic"')]}, lines=(1, 1)),
    Case("json-a-variable-s-default", {"variables.tf.json": VARIABLES, "main.tf.json": LOGS_OF, "terraform.tfvars.json": '{"stage": "prod"}\n'},
         {(LOGS, "/shop/prod/api"): {"RetentionInDays": 30}}, {"variables.tf.json": [(": 14", ": 30")]}, lines=(1, 1)),
    Case("json-a-variable-s-file", {"variables.tf.json": VARIABLES, "main.tf.json": LOGS_OF, "terraform.tfvars.json": '{\n  "stage": "prod",\n  "retention": 7\n}\n'},
         {(LOGS, "/shop/prod/api"): {"RetentionInDays": 30}}, {"terraform.tfvars.json": [(": 7\n", ": 30\n")]}, lines=(1, 1)),
    Case("json-a-variable-in-hcl", {"variables.tf": 'variable "stage" {}\nvariable "retention" {\n  default = 14\n}\nlocals {\n  prefix   = "shop-${var.stage}"\n  timeouts = { orders = 60, mails = 120 }\n}\n', "main.tf.json": LOGS_OF, "terraform.tfvars": 'stage = "prod"\n'},
         {(LOGS, "/shop/prod/api"): {"RetentionInDays": 30}}, {"variables.tf": [("= 14", "= 30")]}, lines=(1, 1)),
    Case("json-a-local-s-member", {"variables.tf.json": VARIABLES, "main.tf.json": LOGS_OF, "terraform.tfvars.json": '{"stage": "prod"}\n'},
         {(QUEUE, "shop-prod-orders"): {"VisibilityTimeout": 90}}, {"variables.tf.json": [("60", "90")]}, lines=(1, 1)),
    Case("json-a-lookup", {"variables.tf.json": VARIABLES, "main.tf.json": LOGS_OF, "terraform.tfvars.json": '{"stage": "prod"}\n'},
         {(QUEUE, "shop-prod-mails"): {"VisibilityTimeout": 90}}, {"variables.tf.json": [("120", "90")]}, lines=(1, 1)),
    Case("json-an-instance", {"main.tf.json": EACH}, {(QUEUE, "mails"): {"DelaySeconds": 20}},
         {"main.tf.json": [(": 10,", ": 20,")]}, lines=(1, 1)),
    Case("json-a-list-of-resources", {"main.tf.json": ALARMS}, {(ALARM, "cpu"): {"Threshold": 90}, (TOPIC, "alerts"): {"DisplayName": "Pager"}},
         {"main.tf.json": [(": 80,", ": 90,"), ('"Alerts"', '"Pager"')]}, lines=(2, 2)),
    Case("json-a-part-in-another-block", {"main.tf.json": BUCKETS}, {(BUCKET, "acme-assets"): {"VersioningConfiguration/Status": "Suspended"}},
         {"main.tf.json": [('"status": "Enabled"\n', '"status": "Suspended"\n')]}, lines=(1, 1)),
    Case("json-a-block-in-a-list", {"main.tf.json": BUCKETS}, {(BUCKET, "acme-assets"): {"LifecycleConfiguration/Rules/0/ExpirationInDays": 90}},
         {"main.tf.json": [('"days": 30', '"days": 90')]}, lines=(1, 1)),
    Case("json-two-numbers", {"main.tf.json": TABLES}, {(TABLE, "carts"): {"ProvisionedThroughput/ReadCapacityUnits": 10, "ProvisionedThroughput/WriteCapacityUnits": 20}},
         {"main.tf.json": [('"read_capacity": 5', '"read_capacity": 10'), ('"write_capacity": 5', '"write_capacity": 20')]}, lines=(2, 2)),
    Case("json-a-document-in-a-text", {"main.tf.json": POLICIES}, {(POLICY, "read"): {"PolicyDocument/Statement/0/Action": "s3:ListBucket"}},
         lines=(1, 1)),
    Case("json-what-a-module-is-called-with", {"main.tf.json": CALLED, "queue/main.tf.json": MODULE}, {(QUEUE, "orders"): {"VisibilityTimeout": 45}},
         {"main.tf.json": [(": 30\n", ": 45\n")]}, lines=(1, 1)),
    Case("json-what-a-module-is-not-called-with", {"main.tf.json": CALLED, "queue/main.tf.json": MODULE}, {(QUEUE, "orders"): {"DelaySeconds": 45}},
         {"main.tf.json": [(": 30\n", ': 30,\n      "delay": 45\n')]}, lines=(2, 1)),
    Case("json-a-module-in-hcl", {"main.tf.json": CALLED, "queue/main.tf": 'variable "name" {}\nvariable "timeout" {}\nresource "aws_sqs_queue" "this" {\n  name                       = var.name\n  visibility_timeout_seconds = var.timeout\n}\n'},
         {(QUEUE, "orders"): {"VisibilityTimeout": 45}}, {"main.tf.json": [(": 30\n", ": 45\n")]}, lines=(1, 1)),
    Case("json-beside-hcl", {"main.tf": 'resource "aws_sqs_queue" "a" {\n  name = "a"\n}\n', "more.tf.json": ORDERS}, {(QUEUE, "a"): {"DelaySeconds": 3}, (QUEUE, "orders"): {"VisibilityTimeout": 31}},
         {"main.tf": [('= "a"\n', '= "a"\n\n  delay_seconds = 3\n')], "more.tf.json": [(": 30,", ": 31,")]}),
    Case("json-quotes-around-an-expression", {"main.tf.json": QUOTES}, {(TOPIC, "alerts"): {"DisplayName": 'Alerts of "prod" by mail', "Tags/Team": "web"}},
         {"main.tf.json": [("by post", "by mail"), ('"shop"', '"web"')]}, lines=(2, 2)),
    Case("json-an-object-in-an-expression", {"main.tf.json": EXPRESSIONS}, {(POLICY, "read"): {"PolicyDocument/Statement/0/Resource": "arn:aws:s3:::b"}},
         {"main.tf.json": [('Resource = \\"*\\"', 'Resource = \\"arn:aws:s3:::b\\"')]}, lines=(1, 1)),
    Case("json-tags-merged-in-an-expression", {"main.tf.json": EXPRESSIONS}, {(TOPIC, "alerts"): {"Tags/Team": "web"}, (TOPIC, "mails"): {"Tags/Team": "web"}},
         {"main.tf.json": [('Team = \\"shop\\"', 'Team = \\"web\\"'), ('"${local.tags}"', '"${merge(local.tags, { Team = \\"web\\" })}"')]}, lines=(2, 2)),
    Case("json-a-shared-variable", {"main.tf.json": json.dumps({"variable": {"t": {"default": 5}}, "resource": {"aws_sqs_queue": {n: {"name": n, "delay_seconds": "${var.t}"} for n in "ab"}}}, indent=2)},
         {(QUEUE, "a"): {"DelaySeconds": 9}}, described="var.t is also used at"),
    Case("json-an-expression", {"main.tf.json": resources(aws_sqs_queue={"a": {"name": "a", "delay_seconds": "${2 + 3}"}})},
         {(QUEUE, "a"): {"DelaySeconds": 9}}, described="is computed by an expression"),
    Case("json-that-was-synthesised", {"cdk.tf.json": SYNTHESISED}, {(QUEUE, "orders"): {"DelaySeconds": 9}}, described="CDK for Terraform writes the file"),
]  # fmt: skip
