"""Configurations as people publish them, what was changed live, and the lines that must change."""

# ruff: noqa: E501 - files as they are

from __future__ import annotations

from tests.remediate.terraform.estate import GONE, Case

QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"
ROLE = "AWS::IAM::Role"
BUCKET = "AWS::S3::Bucket"
LOGS = "AWS::Logs::LogGroup"
TABLE = "AWS::DynamoDB::Table"
FUNCTION = "AWS::Lambda::Function"
PARAMETER = "AWS::SSM::Parameter"
ALARM = "AWS::CloudWatch::Alarm"
REPOSITORY = "AWS::ECR::Repository"
POLICY = "AWS::IAM::ManagedPolicy"


def queue(body: str, *, label: str = "orders", head: str = "") -> str:
    return f'{head}resource "aws_sqs_queue" "{label}" {{\n{body}}}\n'


_ORDERS = """\
  name                       = "orders"
  visibility_timeout_seconds = 30
  message_retention_seconds  = 86400

  tags = {
    Owner       = "ada"
    Environment = "prod"
  }
"""

ALARM_TEXT = """\
resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "cpu"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  metric_name         = "CPUUtilization"
  namespace           = "AWS/EC2"
  period              = 120
  statistic           = "Average"
  threshold           = 80
}
"""


def alarm(actions: str) -> str:
    return ALARM_TEXT.replace("= 80\n", f"= 80\n  alarm_actions       = {actions}\n")


QUEUE_MODULE = """\
variable "name" {}
variable "create_dlq" { default = false }
variable "sse" { default = true }
variable "dlq_sse" { default = null }
variable "timeout" { default = 30 }
variable "dlq_timeout" { default = null }
variable "tags" { default = { Team = "shop" } }
variable "dlq_tags" { default = {} }

resource "aws_sqs_queue" "this" {
  name                       = var.name
  sqs_managed_sse_enabled    = var.name == "" ? null : var.sse
  visibility_timeout_seconds = var.timeout
  tags                       = var.tags
}

locals {
  dlq_sse = coalesce(var.dlq_sse, var.sse)
}

resource "aws_sqs_queue" "dlq" {
  count = var.create_dlq ? 1 : 0

  name                       = "${var.name}-dlq"
  sqs_managed_sse_enabled    = local.dlq_sse
  visibility_timeout_seconds = try(coalesce(var.dlq_timeout, var.timeout), null)
  tags                       = merge(var.tags, var.dlq_tags)
}
"""
QUEUE_CALL = 'module "q" {\n  source = "./queue"\n\n  name       = "q"\n  create_dlq = true\n}\n'

CASES: list[Case] = [
    Case(
        "a-number",
        {"main.tf": queue(_ORDERS)},
        {(QUEUE, "orders"): {"VisibilityTimeout": 60}},
        {"main.tf": [("= 30\n", "= 60\n")]},
    ),
    Case(
        "two-numbers",
        {"main.tf": queue(_ORDERS)},
        {(QUEUE, "orders"): {"VisibilityTimeout": 60, "MessageRetentionPeriod": 3600}},
        {"main.tf": [("= 30\n", "= 60\n"), ("86400", "3600")]},
    ),
    Case(
        "a-comment-behind",
        {"main.tf": queue(_ORDERS.replace("= 30\n", "= 30 # as the workers need\n"))},
        {(QUEUE, "orders"): {"VisibilityTimeout": 45}},
        {"main.tf": [("= 30 #", "= 45 #")]},
    ),
    Case(
        "windows",
        {"main.tf": queue(_ORDERS).replace("\n", "\r\n")},
        {(QUEUE, "orders"): {"VisibilityTimeout": 60, "DelaySeconds": 5}},
        {
            "main.tf": [
                ("= 30\r\n", "= 60\r\n"),
                ("= 86400\r\n", "= 86400\r\n  delay_seconds              = 5\r\n"),
            ]
        },
    ),
    Case(
        "no-last-newline",
        {"main.tf": queue(_ORDERS).removesuffix("\n")},
        {(QUEUE, "orders"): {"Tags/Owner": "bob"}},
        {"main.tf": [('"ada"', '"bob"')]},
    ),
    Case(
        "a-tag",
        {"main.tf": queue(_ORDERS)},
        {(QUEUE, "orders"): {"Tags/Owner": "bob"}},
        {"main.tf": [('"ada"', '"bob"')]},
    ),
    Case(
        "a-tag-more",
        {"main.tf": queue(_ORDERS)},
        {(QUEUE, "orders"): {"Tags/Team": "shop"}},
        {"main.tf": [('"prod"\n', '"prod"\n    Team        = "shop"\n')]},
    ),
    Case(
        "a-tag-less",
        {"main.tf": queue(_ORDERS)},
        {(QUEUE, "orders"): {"Tags/Owner": GONE}},
        {"main.tf": [('    Owner       = "ada"\n', "")]},
    ),
    Case(
        "a-tag-with-a-long-name",
        {"main.tf": queue('  name = "q"\n\n  tags = {\n    A = "b"\n  }\n')},
        {(QUEUE, "q"): {"Tags/CostCenter": "42"}},
        {"main.tf": [('    A = "b"\n', '    A = "b"\n\n    CostCenter = "42"\n')]},
    ),
    Case(
        "tags-on-one-line",
        {"main.tf": queue('  name = "q"\n  tags = { Owner = "ada", Team = "shop" }\n')},
        {(QUEUE, "q"): {"Tags/Owner": "bob", "Tags/Cost": "42"}},
        {"main.tf": [('{ Owner = "ada", Team = "shop" }', '{ Owner = "bob", Team = "shop", Cost = "42" }')]},
    ),
    Case(
        "tags-with-commas",
        {"main.tf": queue('  name = "q"\n  tags = {\n    "Owner" : "ada",\n    "Team" : "shop",\n  }\n')},
        {(QUEUE, "q"): {"Tags/Cost": "42"}},
        {"main.tf": [('    "Team" : "shop",\n', '    "Team" : "shop",\n    "Cost" : "42",\n')]},
    ),
    Case(
        "no-tags",
        {"main.tf": queue('  name = "q"\n')},
        {(QUEUE, "q"): {"Tags/Owner": "ada"}},
        {"main.tf": [('  name = "q"\n', '  name = "q"\n  tags = {\n    Owner = "ada"\n  }\n')]},
    ),
    Case(
        "a-key-with-a-colon",
        {"main.tf": queue('  name = "q"\n  tags = {\n    "acme:a:b" = "q"\n  }\n')},
        {(QUEUE, "q"): {"Tags/acme:c": "1"}},
        {"main.tf": [('    "acme:a:b" = "q"\n', '    "acme:a:b" = "q"\n    "acme:c"   = "1"\n')]},
    ),
    Case(
        "hostile-interpolation",
        {"main.tf": queue(_ORDERS)},
        {(QUEUE, "orders"): {"Tags/Owner": '${file("/etc/passwd")}'}},
        {"main.tf": [('"ada"', '"$${file(\\"/etc/passwd\\")}"')]},
    ),
    Case(
        "hostile-directive",
        {"main.tf": queue(_ORDERS)},
        {(QUEUE, "orders"): {"Tags/Owner": "%{ for x in y }$${z}"}},
        {"main.tf": [('"ada"', '"%%{ for x in y }$\\u0024{z}"')]},
    ),
    Case(
        "hostile-lines",
        {"main.tf": queue(_ORDERS)},
        {(QUEUE, "orders"): {"Tags/Owner": 'a"\n  b = 1 # \\ EOT\nEOT'}},
        {"main.tf": [('"ada"', '"a\\"\\n  b = 1 # \\\\ EOT\\nEOT"')]},
    ),
    Case(
        "not-set",
        {"main.tf": queue('  name          = "q"\n  delay_seconds = 5\n')},
        {(QUEUE, "q"): {"VisibilityTimeout": 60}},
        {
            "main.tf": [
                ("  delay_seconds = 5\n", "  delay_seconds = 5\n\n  visibility_timeout_seconds = 60\n")
            ]
        },
    ),
    Case(
        "a-block-of-one-line",
        {"main.tf": 'resource "aws_sqs_queue" "q" { name = "q" }\n'},
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [('{ name = "q" }', '{\n  name = "q"\n  delay_seconds = 9\n}')]},
    ),
    Case(
        "a-variable",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = var.delay\n'),
            "variables.tf": 'variable "delay" {\n  type    = number\n  default = 5\n}\n',
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"variables.tf": [("= 5", "= 9")]},
    ),
    Case(
        "a-variable-in-tfvars",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = var.delay\n'),
            "variables.tf": 'variable "delay" {\n  default = 5\n}\n',
            "terraform.tfvars": "# of production\ndelay = 7 # seconds\n",
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"terraform.tfvars": [("7", "9")]},
    ),
    Case(
        "a-variable-in-named-tfvars",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = var.delay\n'),
            "variables.tf": 'variable "delay" {\n  default = 5\n}\n',
            "env/prod.tfvars": "delay = 7\n",
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"env/prod.tfvars": [("7", "9")]},
        options={"var_files": ["env/prod.tfvars"]},
    ),
    Case(
        "a-default-that-environments-share",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = var.delay\n'),
            "variables.tf": 'variable "delay" {\n  default = 5\n}\n\nvariable "x" {\n  default = 1\n}\n',
            "env/prod.tfvars": "x = 2\n",
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"env/prod.tfvars": [("x = 2\n", "x = 2\n\ndelay = 9\n")]},
        options={"var_files": ["env/prod.tfvars"]},
    ),
    Case(
        "a-literal-that-environments-share",
        {
            "main.tf": queue("  name          = var.name\n  delay_seconds = 5\n"),
            "variables.tf": 'variable "name" {}\n',
            "prod.tfvars": 'name = "q"\n',
            "dev.tfvars": 'name = "q-dev"\n',
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        described="dev.tfvars",
        options={"var_files": ["prod.tfvars"]},
    ),
    Case(
        "a-variable-of-others-too",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = var.delay\n')
            + queue('  name          = "r"\n  delay_seconds = var.delay\n', label="r"),
            "variables.tf": 'variable "delay" {\n  default = 5\n}\n',
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        described="var.delay is also used at a-variable-of-others-too/main.tf:7",
    ),
    Case(
        "a-local",
        {
            "main.tf": "locals {\n  delay = 5\n}\n\n"
            + queue('  name          = "q"\n  delay_seconds = local.delay\n')
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [("delay = 5", "delay = 9")]},
    ),
    Case(
        "an-object-of-a-local",
        {
            "main.tf": "locals {\n  queue = {\n    delay = 5\n    keep  = 3600\n  }\n}\n\n"
            + queue(
                '  name                      = "q"\n  delay_seconds             = local.queue.delay\n'
                "  message_retention_seconds = local.queue.keep\n"
            )
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [("delay = 5", "delay = 9")]},
    ),
    Case(
        "merged-tags",
        {
            "main.tf": 'locals {\n  tags = {\n    Team = "shop"\n  }\n}\n\n'
            + queue('  name = "q"\n  tags = merge(local.tags, { Owner = "ada" })\n')
            + queue('  name = "r"\n  tags = local.tags\n', label="r")
        },
        {(QUEUE, "q"): {"Tags/Owner": "bob", "Tags/Cost": "42"}},
        {"main.tf": [('{ Owner = "ada" }', '{ Owner = "bob", Cost = "42" }')]},
    ),
    Case(
        "merged-tags-of-others",
        {
            "main.tf": 'locals {\n  tags = {\n    Team = "shop"\n  }\n}\n\n'
            + queue('  name = "q"\n  tags = merge(local.tags, { Owner = "ada" })\n')
            + queue('  name = "r"\n  tags = local.tags\n', label="r")
        },
        {(QUEUE, "q"): {"Tags/Team": "mail"}},
        {"main.tf": [('{ Owner = "ada" }', '{ Owner = "ada", Team = "mail" }')]},
    ),
    Case(
        "tags-of-others",
        {
            "main.tf": 'locals {\n  tags = {\n    Team = "shop"\n  }\n}\n\n'
            + queue('  name = "q"\n  tags = local.tags\n')
            + queue('  name = "r"\n  tags = local.tags\n', label="r")
        },
        {(QUEUE, "r"): {"Tags/Cost": "${x}"}},
        {
            "main.tf": [
                (
                    'name = "r"\n  tags = local.tags',
                    'name = "r"\n  tags = merge(local.tags, { Cost = "$${x}" })',
                )
            ]
        },
    ),
    Case(
        "tags-of-others-that-lose-one",
        {
            "main.tf": 'locals {\n  tags = {\n    Team = "shop"\n    Cost = "1"\n  }\n}\n\n'
            + queue('  name = "q"\n  tags = local.tags\n')
            + queue('  name = "r"\n  tags = local.tags\n', label="r")
        },
        {(QUEUE, "r"): {"Tags/Cost": GONE}},
        described="local.tags is also used at tags-of-others-that-lose-one/main.tf:10",
    ),
    Case(
        "for-each",
        {
            "main.tf": "locals {\n  queues = {\n    orders = { delay = 5, keep = 3600 }\n"
            "    mails  = { delay = 5, keep = 3600 }\n  }\n}\n\n"
            + queue(
                "  for_each                  = local.queues\n  name                      = each.key\n"
                "  delay_seconds             = each.value.delay\n"
                "  message_retention_seconds = each.value.keep\n",
                label="all",
            )
        },
        {(QUEUE, "mails"): {"DelaySeconds": 9}},
        {"main.tf": [("mails  = { delay = 5", "mails  = { delay = 9")]},
    ),
    Case(
        "for-each-shared-literal",
        {
            "main.tf": queue(
                '  for_each      = toset(["orders", "mails"])\n  name          = each.key\n  delay_seconds = 5\n',
                label="all",
            )
        },
        {(QUEUE, "mails"): {"DelaySeconds": 9}},
        described="would be changed at /DelaySeconds",
    ),
    Case(
        "for-each-all-of-them",
        {
            "main.tf": queue(
                '  for_each      = toset(["orders", "mails"])\n  name          = each.key\n  delay_seconds = 5\n',
                label="all",
            )
        },
        {(QUEUE, "mails"): {"DelaySeconds": 9}, (QUEUE, "orders"): {"DelaySeconds": 9}},
        {"main.tf": [("= 5", "= 9")]},
    ),
    Case(
        "count",
        {
            "main.tf": "locals {\n  delays = [5, 6]\n}\n\n"
            + queue(
                '  count         = 2\n  name          = "q-${count.index}"\n'
                "  delay_seconds = local.delays[count.index]\n",
                label="all",
            )
        },
        {(QUEUE, "q-1"): {"DelaySeconds": 9}},
        {"main.tf": [("[5, 6]", "[5, 9]")]},
    ),
    Case(
        "a-module-argument",
        {
            "main.tf": 'module "queue" {\n  source = "./modules/queue"\n  name   = "q"\n  delay  = 5\n}\n',
            "modules/queue/main.tf": 'variable "name" {}\n\nvariable "delay" {\n  default = 1\n}\n\n'
            + queue("  name          = var.name\n  delay_seconds = var.delay\n", label="this"),
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [("delay  = 5", "delay  = 9")]},
    ),
    Case(
        "a-module-argument-that-is-not-passed",
        {
            "main.tf": 'module "queue" {\n  source = "./modules/queue"\n  name   = "q"\n}\n',
            "modules/queue/main.tf": 'variable "name" {}\n\nvariable "delay" {\n  default = 1\n}\n\n'
            + queue("  name          = var.name\n  delay_seconds = var.delay\n", label="this"),
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [('  name   = "q"\n', '  name   = "q"\n  delay  = 9\n')]},
    ),
    Case(
        "a-module-that-others-call",
        {
            "main.tf": 'module "a" {\n  source = "./modules/queue"\n  name   = "a"\n}\n\n'
            'module "b" {\n  source = "./modules/queue"\n  name   = "b"\n}\n',
            "modules/queue/main.tf": 'variable "name" {}\n\n'
            + queue("  name          = var.name\n  delay_seconds = 5\n", label="this"),
        },
        {(QUEUE, "a"): {"DelaySeconds": 9}},
        described="is also called at a-module-that-others-call/main.tf:6",
    ),
    Case(
        "a-module-of-one-call",
        {
            "main.tf": 'module "a" {\n  source = "./modules/queue"\n  name   = "a"\n}\n',
            "modules/queue/main.tf": 'variable "name" {}\n\n'
            + queue("  name          = var.name\n  delay_seconds = 5\n", label="this"),
        },
        {(QUEUE, "a"): {"DelaySeconds": 9}},
        {"modules/queue/main.tf": [("= 5", "= 9")]},
    ),
    Case(
        "a-module-for-each",
        {
            "main.tf": 'module "queues" {\n  source   = "./modules/queue"\n  for_each = {\n'
            "    orders = 5\n    mails  = 6\n  }\n  name  = each.key\n  delay = each.value\n}\n",
            "modules/queue/main.tf": 'variable "name" {}\n\nvariable "delay" {}\n\n'
            + queue("  name          = var.name\n  delay_seconds = var.delay\n", label="this"),
        },
        {(QUEUE, "orders"): {"DelaySeconds": 9}},
        {"main.tf": [("orders = 5", "orders = 9")]},
    ),
    Case(
        "computed",
        {"main.tf": queue('  name          = "q"\n  delay_seconds = 2 * 3\n')},
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        described="delay_seconds is computed by an expression",
    ),
    Case(
        "a-choice",
        {
            "main.tf": 'variable "prod" {\n  default = true\n}\n\n'
            + queue('  name          = "q"\n  delay_seconds = var.prod ? 5 : 1\n')
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        described="is computed by an expression",
    ),
    Case(
        "a-policy-as-an-object",
        {
            "main.tf": 'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({\n'
            '    Version = "2012-10-17"\n    Statement = [{\n      Effect    = "Allow"\n'
            '      Action    = "sts:AssumeRole"\n      Principal = { Service = "ec2.amazonaws.com" }\n'
            "    }]\n  })\n}\n"
        },
        {(ROLE, "r"): {"AssumeRolePolicyDocument/Statement/0/Principal/Service": "lambda.amazonaws.com"}},
        {"main.tf": [("ec2.amazonaws.com", "lambda.amazonaws.com")]},
    ),
    Case(
        "a-policy-in-a-heredoc",
        {
            "main.tf": 'resource "aws_iam_role" "r" {\n  name = "r"\n\n  assume_role_policy = <<EOF\n{\n'
            '  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
            '      "Action": "sts:AssumeRole",\n      "Principal": {"Service": "ec2.amazonaws.com"}\n    }\n'
            "  ]\n}\nEOF\n}\n"
        },
        {
            (ROLE, "r"): {
                "AssumeRolePolicyDocument/Statement/0/Principal/Service": [
                    "ec2.amazonaws.com",
                    "${x}.amazonaws.com",
                ]
            }
        },
        {"main.tf": [('"ec2.amazonaws.com"}', '["ec2.amazonaws.com", "$${x}.amazonaws.com"]}')]},
    ),
    Case(
        "a-statement-more",
        {
            "main.tf": 'resource "aws_iam_role" "r" {\n  name = "r"\n\n  assume_role_policy = <<-EOF\n    {\n'
            '      "Version": "2012-10-17",\n      "Statement": [\n        {\n          "Effect": "Allow",\n'
            '          "Action": "sts:AssumeRole",\n          "Principal": {"Service": "ec2.amazonaws.com"}\n'
            "        }\n      ]\n    }\n  EOF\n}\n"
        },
        {
            (ROLE, "r"): {
                "AssumeRolePolicyDocument/Statement/+": {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                }
            }
        },
        lines=(7, 0),
    ),
    Case(
        "a-bucket-of-parts",
        {
            "main.tf": 'resource "aws_s3_bucket" "logs" {\n  bucket = "acme-logs-parts"\n}\n\n'
            'resource "aws_s3_bucket_versioning" "logs" {\n  bucket = aws_s3_bucket.logs.id\n'
            '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
        },
        {(BUCKET, "acme-logs-parts"): {"VersioningConfiguration/Status": "Suspended"}},
        {"main.tf": [('"Enabled"', '"Suspended"')]},
    ),
    Case(
        "a-public-access-block",
        {
            "main.tf": 'resource "aws_s3_bucket" "b" {\n  bucket = "acme-block"\n}\n\n'
            'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = aws_s3_bucket.b.id\n\n'
            "  block_public_acls       = true\n  block_public_policy     = true\n"
            "  ignore_public_acls      = true\n  restrict_public_buckets = true\n}\n"
        },
        {(BUCKET, "acme-block"): {"PublicAccessBlockConfiguration/BlockPublicPolicy": False}},
        {"main.tf": [("block_public_policy     = true", "block_public_policy     = false")]},
    ),
    Case(
        "a-log-group",
        {
            "main.tf": 'resource "aws_cloudwatch_log_group" "app" {\n  name              = "/app"\n  retention_in_days = 14\n}\n'
        },
        {(LOGS, "/app"): {"RetentionInDays": 30}},
        {"main.tf": [("14", "30")]},
    ),
    Case(
        "a-log-group-for-ever",
        {
            "main.tf": 'resource "aws_cloudwatch_log_group" "app" {\n  name              = "/app"\n  retention_in_days = 14\n}\n'
        },
        {(LOGS, "/app"): {"RetentionInDays": GONE}},
        {"main.tf": [("  retention_in_days = 14\n", "")]},
    ),
    Case(
        "a-table",
        {
            "main.tf": 'resource "aws_dynamodb_table" "t" {\n  name         = "t"\n  billing_mode = "PAY_PER_REQUEST"\n'
            '  hash_key     = "id"\n\n  attribute {\n    name = "id"\n    type = "S"\n  }\n\n'
            "  point_in_time_recovery {\n    enabled = true\n  }\n}\n"
        },
        {(TABLE, "t"): {"PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled": False}},
        {"main.tf": [("enabled = true", "enabled = false")]},
    ),
    Case(
        "a-parameter",
        {
            "main.tf": 'resource "aws_ssm_parameter" "p" {\n  name        = "/p"\n  type        = "String"\n  value       = "a"\n  description = "of the shop"\n}\n'
        },
        {(PARAMETER, "/p"): {"Description": 'of the "new" shop'}},
        {"main.tf": [('"of the shop"', '"of the \\"new\\" shop"')]},
    ),
    Case(
        "an-alarm",
        {
            "main.tf": 'resource "aws_cloudwatch_metric_alarm" "cpu" {\n  alarm_name          = "cpu"\n'
            '  comparison_operator = "GreaterThanThreshold"\n  evaluation_periods  = "2"\n'
            '  metric_name         = "CPUUtilization"\n  namespace           = "AWS/EC2"\n'
            '  period              = "120"\n  statistic           = "Average"\n  threshold           = "80"\n\n'
            '  dimensions = {\n    AutoScalingGroupName = "web"\n  }\n\n'
            '  alarm_actions = [\n    "arn:aws:sns:eu-west-1:111122223333:ops",\n  ]\n}\n'
        },
        {
            (ALARM, "cpu"): {
                "Threshold": 90,
                "AlarmActions/+": "arn:aws:sns:eu-west-1:111122223333:night",
                "Dimensions/0/Value": "api",
            }
        },
        {
            "main.tf": [
                ('"80"', '"90"'),
                ('"web"', '"api"'),
                (
                    '    "arn:aws:sns:eu-west-1:111122223333:ops",\n',
                    '    "arn:aws:sns:eu-west-1:111122223333:ops",\n'
                    '    "arn:aws:sns:eu-west-1:111122223333:night",\n',
                ),
            ]
        },
    ),
    Case(
        "a-registry",
        {
            "main.tf": 'resource "aws_ecr_repository" "api" {\n  name                 = "api"\n  image_tag_mutability = "MUTABLE"\n\n'
            "  image_scanning_configuration {\n    scan_on_push = true\n  }\n}\n"
        },
        {
            (REPOSITORY, "api"): {
                "ImageTagMutability": "IMMUTABLE",
                "ImageScanningConfiguration/ScanOnPush": False,
            }
        },
        {"main.tf": [('"MUTABLE"', '"IMMUTABLE"'), ("= true", "= false")]},
    ),
    Case(
        "a-name-made-of-a-variable",
        {
            "main.tf": 'variable "env" {\n  default = "prod"\n}\n\n'
            'resource "aws_sns_topic" "t" {\n  name         = "alerts"\n  display_name = "${var.env}-alerts"\n}\n'
        },
        {(TOPIC, "alerts"): {"DisplayName": "prod-alarms"}},
        {"main.tf": [('"${var.env}-alerts"', '"${var.env}-alarms"')]},
    ),
    Case(
        "a-name-made-of-a-variable-otherwise",
        {
            "main.tf": 'variable "env" {\n  default = "prod"\n}\n\n'
            'resource "aws_sns_topic" "t" {\n  name         = "alerts"\n  display_name = "${var.env}-alerts"\n}\n'
        },
        {(TOPIC, "alerts"): {"DisplayName": "dev-alerts"}},
        described="display_name is computed by an expression",
    ),
    Case(
        "an-override",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = 5\n'),
            "override.tf": queue("  delay_seconds = 6\n"),
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"override.tf": [("6", "9")]},
    ),
    Case(
        "variables-in-json",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = var.delay\n'),
            "variables.tf": 'variable "delay" {}\n',
            "prod.auto.tfvars.json": '{\n  "delay": 7,\n  "other": "${x}"\n}\n',
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"prod.auto.tfvars.json": [("7", "9")]},
    ),
    Case(
        "a-list-on-one-line",
        {"main.tf": alarm('["arn:aws:sns:eu-west-1:1:a", "arn:aws:sns:eu-west-1:1:b"]')},
        {(ALARM, "cpu"): {"AlarmActions": ["arn:aws:sns:eu-west-1:1:b"]}},
        {"main.tf": [('"arn:aws:sns:eu-west-1:1:a", ', "")]},
    ),
    Case(
        "a-list-of-one-less",
        {"main.tf": alarm('["arn:aws:sns:eu-west-1:1:a", "arn:aws:sns:eu-west-1:1:b"]')},
        {(ALARM, "cpu"): {"AlarmActions": ["arn:aws:sns:eu-west-1:1:a"]}},
        {"main.tf": [(', "arn:aws:sns:eu-west-1:1:b"', "")]},
    ),
    Case(
        "a-list-of-lines-without-a-last-comma",
        {
            "main.tf": alarm(
                '[\n    "arn:aws:sns:eu-west-1:1:a", # the day\n    "arn:aws:sns:eu-west-1:1:b"\n  ]'
            )
        },
        {(ALARM, "cpu"): {"AlarmActions/+": "arn:aws:sns:eu-west-1:1:c"}},
        {"main.tf": [(':b"\n', ':b",\n    "arn:aws:sns:eu-west-1:1:c"\n')]},
    ),
    Case(
        "a-list-joined",
        {
            "main.tf": 'locals {\n  ops = ["arn:aws:sns:eu-west-1:1:a"]\n}\n\n'
            + alarm('concat(local.ops, ["arn:aws:sns:eu-west-1:1:b"])')
        },
        {(ALARM, "cpu"): {"AlarmActions/+": "arn:aws:sns:eu-west-1:1:c"}},
        {
            "main.tf": [
                (
                    '["arn:aws:sns:eu-west-1:1:b"]',
                    '["arn:aws:sns:eu-west-1:1:b", "arn:aws:sns:eu-west-1:1:c"]',
                )
            ]
        },
    ),
    Case(
        "a-list-of-a-variable",
        {
            "main.tf": alarm("toset(var.actions)"),
            "variables.tf": 'variable "actions" {\n  type    = list(string)\n  default = []\n}\n',
        },
        {(ALARM, "cpu"): {"AlarmActions": ["arn:aws:sns:eu-west-1:1:c"]}},
        {"variables.tf": [("[]", '["arn:aws:sns:eu-west-1:1:c"]')]},
    ),
    Case(
        "a-map-of-a-variable",
        {
            "main.tf": queue('  name = "q"\n  tags = var.tags\n'),
            "variables.tf": 'variable "tags" {\n  type = map(string)\n}\n',
            "terraform.tfvars": 'tags = {\n  Owner = "ada" # since May\n  Team  = "shop"\n}\n',
        },
        {(QUEUE, "q"): {"Tags/Owner": "bob"}},
        {"terraform.tfvars": [('"ada"', '"bob"')]},
    ),
    Case(
        "an-auto-tfvars-that-wins",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = var.delay\n'),
            "variables.tf": 'variable "delay" {}\n',
            "terraform.tfvars": "delay = 1\n",
            "prod.auto.tfvars": "delay = 7\n",
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"prod.auto.tfvars": [("7", "9")]},
    ),
    Case(
        "an-object-of-a-variable",
        {
            "main.tf": queue('  name          = "q"\n  delay_seconds = var.queue.delay\n'),
            "variables.tf": 'variable "queue" {\n  type = object({ delay = number, keep = optional(number) })\n}\n',
            "terraform.tfvars": "queue = { delay = 7 }\n",
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"terraform.tfvars": [("7", "9")]},
    ),
    Case(
        "a-module-two-deep",
        {
            "main.tf": 'module "a" {\n  source = "./a"\n  delay  = 5\n}\n',
            "a/main.tf": 'variable "delay" {}\n\nmodule "b" {\n  source = "./b"\n  delay  = var.delay\n}\n',
            "a/b/main.tf": 'variable "delay" {}\n\n'
            + queue('  name          = "q"\n  delay_seconds = var.delay\n', label="this"),
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [("= 5", "= 9")]},
    ),
    Case(
        "a-module-with-a-choice-that-names",
        {
            "main.tf": 'module "a" {\n  source = "./a"\n  delay  = 5\n}\n',
            "a/main.tf": 'variable "delay" {\n  default = null\n}\n\n'
            + queue(
                '  name          = "q"\n  delay_seconds = var.delay != null ? var.delay : 0\n', label="this"
            ),
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [("= 5", "= 9")]},
    ),
    Case(
        "coalesced",
        {
            "main.tf": 'module "a" {\n  source = "./a"\n  delay  = 5\n}\n',
            "a/main.tf": 'variable "delay" {\n  default = null\n}\n\n'
            + queue('  name          = "q"\n  delay_seconds = coalesce(var.delay, 1)\n', label="this"),
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [("= 5", "= 9")]},
    ),
    Case(
        "looked-up",
        {
            "main.tf": "locals {\n  delays = {\n    orders = 5\n    mails  = 6\n  }\n}\n\n"
            + queue('  name          = "q"\n  delay_seconds = lookup(local.delays, "orders", 1)\n')
        },
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [("orders = 5", "orders = 9")]},
    ),
    Case(
        "a-dynamic-block",
        {
            "main.tf": 'locals {\n  keys = [\n    { name = "id", type = "S" },\n    { name = "at", type = "S" },\n  ]\n}\n\n'
            'resource "aws_dynamodb_table" "t" {\n  name         = "t"\n  billing_mode = "PAY_PER_REQUEST"\n'
            '  hash_key     = "id"\n  range_key    = "at"\n\n  dynamic "attribute" {\n    for_each = local.keys\n    content {\n'
            "      name = attribute.value.name\n      type = attribute.value.type\n    }\n  }\n}\n"
        },
        {(TABLE, "t"): {"AttributeDefinitions/1/AttributeType": "N"}},
        {"main.tf": [('name = "at", type = "S"', 'name = "at", type = "N"')]},
    ),
    Case(
        "a-negative-number",
        {"main.tf": ALARM_TEXT.replace("threshold           = 80", "threshold           = -5")},
        {(ALARM, "cpu"): {"Threshold": -7}},
        {"main.tf": [("-5", "-7")]},
    ),
    Case(
        "a-fraction",
        {"main.tf": ALARM_TEXT},
        {(ALARM, "cpu"): {"Threshold": 80.5}},
        {"main.tf": [("= 80\n", "= 80.5\n")]},
    ),
    Case(
        "a-comment-in-a-list-stays",
        {
            "main.tf": 'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({\n'
            '    Statement = [\n      # machines\n      {\n        Effect    = "Allow"\n        Action    = "sts:AssumeRole"\n'
            '        Principal = { Service = ["ec2.amazonaws.com", "ecs.amazonaws.com"] }\n      },\n'
            '      # people\n      {\n        Effect    = "Allow"\n        Action    = "sts:AssumeRole"\n'
            '        Principal = { AWS = "arn:aws:iam::111122223333:root" }\n      },\n    ]\n    Version = "2012-10-17"\n  })\n}\n'
        },
        {(ROLE, "r"): {"AssumeRolePolicyDocument/Statement/0/Principal/Service": ["ec2.amazonaws.com"]}},
        {"main.tf": [(', "ecs.amazonaws.com"', "")]},
    ),
    Case(
        "a-policy-as-a-text",
        {
            "main.tf": 'resource "aws_iam_policy" "p" {\n  name   = "p"\n'
            '  policy = "{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"s3:GetObject\\",'
            '\\"Resource\\":\\"*\\"}]}"\n}\n'
        },
        {(POLICY, "p"): {"PolicyDocument/Statement/0/Action": "s3:PutObject"}},
        {"main.tf": [("s3:GetObject", "s3:PutObject")]},
    ),
    Case(
        "a-condition-with-a-variable-of-aws",
        {
            "main.tf": 'resource "aws_iam_policy" "p" {\n  name = "p"\n  policy = jsonencode({\n    Version = "2012-10-17"\n'
            '    Statement = [\n      {\n        Effect   = "Allow"\n        Action   = ["s3:GetObject"]\n'
            '        Resource = "arn:aws:s3:::a/$${aws:username}/*"\n      },\n    ]\n  })\n}\n'
        },
        {(POLICY, "p"): {"PolicyDocument/Statement/0/Resource": "arn:aws:s3:::b/${aws:username}/*"}},
        {"main.tf": [("arn:aws:s3:::a/", "arn:aws:s3:::b/")]},
    ),
    Case(
        "a-heredoc-of-lines",
        {
            "main.tf": 'resource "aws_ssm_parameter" "p" {\n  name  = "/p"\n  type  = "String"\n  value = "x"\n'
            "  description = <<-EOT\n    one\n    two\n    three\n  EOT\n}\n"
        },
        {(PARAMETER, "/p"): {"Description": "one\nTWO ${x}\nthree\n"}},
        {"main.tf": [("    two\n", "    TWO $${x}\n")]},
    ),
    Case(
        "a-heredoc-that-ends-itself",
        {
            "main.tf": 'resource "aws_ssm_parameter" "p" {\n  name  = "/p"\n  type  = "String"\n  value = "x"\n'
            "  description = <<EOT\none\nEOT\n}\n"
        },
        {(PARAMETER, "/p"): {"Description": "one\nEOT\n}\n"}},
        {"main.tf": [("<<EOT\none\nEOT\n", '"one\\nEOT\\n}\\n"\n')]},
    ),
    Case(
        "a-quoted-label",
        {"main.tf": 'resource aws_sqs_queue q {\n  name = "q"\n  delay_seconds = 5\n}\n'},
        {(QUEUE, "q"): {"DelaySeconds": 9}},
        {"main.tf": [("= 5", "= 9")]},
    ),
    Case(
        "two-in-one-file",
        {"main.tf": queue(_ORDERS) + "\n" + queue('  name          = "r"\n  delay_seconds = 5\n', label="r")},
        {(QUEUE, "orders"): {"VisibilityTimeout": 60}, (QUEUE, "r"): {"DelaySeconds": 9}},
        {"main.tf": [("= 30\n", "= 60\n"), ("= 5\n", "= 9\n")]},
    ),
    Case(
        "a-queue-that-encrypts",
        {"main.tf": queue('  name                    = "q"\n  sqs_managed_sse_enabled = true\n')},
        {(QUEUE, "q"): {"SqsManagedSseEnabled": False}},
        {"main.tf": [("= true", "= false")]},
    ),
    Case(
        "a-redrive-policy",
        {
            "main.tf": queue(
                '  name = "q"\n  redrive_policy = jsonencode({\n'
                '    deadLetterTargetArn = "arn:aws:sqs:eu-west-1:111122223333:dead"\n    maxReceiveCount     = 3\n  })\n'
            )
        },
        {(QUEUE, "q"): {"RedrivePolicy/maxReceiveCount": 9}},
        {"main.tf": [("= 3\n", "= 9\n")]},
    ),
    Case(
        "default-tags-are-the-providers",
        {
            "main.tf": 'provider "aws" {\n  default_tags {\n    tags = { Team = "shop" }\n  }\n}\n\n'
            + queue('  name = "q"\n\n  tags = {\n    Name = "q"\n  }\n')
        },
        {(QUEUE, "q"): {"Tags/Team": "mail"}},
        {"main.tf": [('    Name = "q"\n', '    Name = "q"\n    Team = "mail"\n')]},
    ),
    Case(
        "tabs",
        {"main.tf": 'resource "aws_sqs_queue" "q" {\n\tname = "q"\n\ttags = {\n\t\tOwner = "ada"\n\t}\n}\n'},
        {(QUEUE, "q"): {"Tags/Owner": "bob"}},
        {"main.tf": [('"ada"', '"bob"')]},
    ),
    Case(
        "behind-a-byte-order-mark-of-letters",
        {"main.tf": "# Ünïcödé\n" + queue('  name = "q"\n\n  tags = {\n    Owner = "ädä"\n  }\n')},
        {(QUEUE, "q"): {"Tags/Owner": "bøb 🚀"}},
        {"main.tf": [('"ädä"', '"bøb 🚀"')]},
    ),
    # As the modules for queues are published that make a second one beside the first.
    Case(
        "a-local-that-only-an-absent-resource-takes",
        {"queue/main.tf": QUEUE_MODULE, "main.tf": 'module "q" {\n  source = "./queue"\n\n  name = "q"\n}\n'},
        {(QUEUE, "q"): {"SqsManagedSseEnabled": False}},
        {"main.tf": [('"./queue"\n', '"./queue"\n  sse    = false\n')]},
    ),
    Case(
        "a-variable-of-its-own-before-a-shared-one",
        {"queue/main.tf": QUEUE_MODULE, "main.tf": QUEUE_CALL},
        {(QUEUE, "q-dlq"): {"VisibilityTimeout": 60}},
        {"main.tf": [("= true\n", "= true\n\n  dlq_timeout = 60\n")]},
    ),
    Case(
        "tags-of-its-own-beside-shared-ones",
        {"queue/main.tf": QUEUE_MODULE, "main.tf": QUEUE_CALL},
        {(QUEUE, "q-dlq"): {"Tags/Owner": "ada"}},
        {"main.tf": [("= true\n", '= true\n  dlq_tags = {\n    Owner = "ada"\n  }\n')]},
    ),
    Case(
        "a-variable-that-two-take",
        {"queue/main.tf": QUEUE_MODULE, "main.tf": QUEUE_CALL},
        {(QUEUE, "q"): {"VisibilityTimeout": 60}},
        described="var.timeout is also used at",
    ),
]
