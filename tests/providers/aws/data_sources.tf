# Data sources that answer without AWS. `data_sources.json` has what Terraform's provider says of them.
data "aws_partition" "here" {}
data "aws_region" "here" {}
data "aws_region" "there" {
  name = "eu-central-1"
}
data "aws_default_tags" "here" {}
data "aws_partition" "china" {
  provider = aws.china
}
data "aws_region" "china" {
  provider = aws.china
}
data "aws_service_principal" "here" {
  service_name = "s3"
}
data "aws_service_principal" "there" {
  service_name = "logs"
  region       = "us-gov-west-1"
}
data "aws_arn" "one" {
  arn = "arn:aws:rds:eu-west-1:123456789012:db:mysql-db"
}
data "aws_arn" "two" {
  arn = "arn:aws:s3:::bucket/key:x"
}

locals {
  many = ["s3:GetObject", "s3:PutObject", "s3:List*"]
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.${data.aws_partition.here.dns_suffix}"]
    }
  }
}

data "aws_iam_policy_document" "full" {
  policy_id = "all"
  statement {
    sid       = "Read"
    actions   = local.many
    resources = ["arn:aws:s3:::a<b>&c", "arn:aws:s3:::home/&{aws:username}/*"]
    principals {
      type        = "AWS"
      identifiers = ["123456789012", "arn:aws:iam::111111111111:root"]
    }
    principals {
      type        = "AWS"
      identifiers = ["222222222222"]
    }
    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["", "home/", "home/&{aws:username}/"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalTag/&{aws:username}"
      values   = ["x"]
    }
  }
  statement {
    effect        = "Deny"
    not_actions   = ["iam:*", "sts:*"]
    not_resources = ["*"]
    not_principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    sid     = ""
    actions = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    resources = toset(["*"])
  }
  dynamic "statement" {
    for_each = { b = ["y", "x"], a = ["z"] }
    content {
      sid       = "Dyn${statement.key}"
      actions   = statement.value
      resources = [for x in statement.value : "arn:${data.aws_partition.here.partition}:x:::${x}"]
    }
  }
}

data "aws_iam_policy_document" "merged" {
  source_policy_documents = [
    data.aws_iam_policy_document.full.json,
    jsonencode({
      Version = "2008-10-17", Id = "given",
      Statement = [{ Sid = "One", Effect = "Allow", Action = ["b", "a"], Resource = "*", Principal = "*",
        Condition = { StringEquals = { "aws:b" = "x", "aws:a" = ["2", "1"] }, Bool = { "aws:c" = "true" } } }]
    }),
    "",
  ]
  override_policy_documents = [
    jsonencode({
      Statement = [
        { Sid = "Own", Effect = "Deny", Action = "z", Resource = ["q", "r"] },
        { Sid = "Late", Effect = "Allow", Action = "z", Resource = "*", Principal = { AWS = ["b", "c", "a"], Service = "x" } },
      ]
    }),
  ]
  statement {
    sid       = "Own"
    actions   = ["a"]
    resources = ["*"]
  }
  statement {
    sid       = "Read"
    actions   = ["only"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "old" {
  version = "2008-10-17"
  statement {
    actions   = []
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "none" {}

data "aws_iam_policy_document" "each" {
  for_each = toset(["a", "b"])
  statement {
    actions   = [each.key]
    resources = ["*"]
  }
}

output "told" {
  value = {
    partition = { for name, one in { here = data.aws_partition.here, china = data.aws_partition.china } :
      name => [one.id, one.partition, one.dns_suffix, one.reverse_dns_prefix]
    }
    region = { for name, one in { here = data.aws_region.here, there = data.aws_region.there, china = data.aws_region.china } :
      name => [one.id, one.name, one.endpoint]
    }
    tags = [data.aws_default_tags.here.id, data.aws_default_tags.here.tags]
    principal = [for one in [data.aws_service_principal.here, data.aws_service_principal.there] :
      [one.id, one.name, one.region, one.service_name, one.suffix]
    ]
    arn = [for one in [data.aws_arn.one, data.aws_arn.two] :
      [one.arn, one.partition, one.service, one.region, one.account, one.resource]
    ]
    policies = { for name, one in {
      assume = data.aws_iam_policy_document.assume
      full   = data.aws_iam_policy_document.full
      merged = data.aws_iam_policy_document.merged
      old    = data.aws_iam_policy_document.old
      none   = data.aws_iam_policy_document.none
      each   = data.aws_iam_policy_document.each["b"]
      } : name => [one.json, one.minified_json, one.id]
    }
  }
}
