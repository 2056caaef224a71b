# A module as public ones are written: objects with optional members, maps that are merged, blocks by `dynamic`,
# resources by `count` and `for_each`, policies by data.
variable "name" { type = string }
variable "create" {
  type    = bool
  default = true
}
variable "tags" {
  type    = map(string)
  default = {}
}
variable "ingress" {
  type = map(object({
    port        = number
    protocol    = optional(string, "tcp")
    cidr_blocks = optional(list(string))
    self        = optional(bool)
    description = optional(string)
  }))
  default = {}
}
variable "statements" {
  type = map(object({
    actions   = list(string)
    resources = optional(list(string), ["*"])
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default = {}
}
variable "attributes" { default = [{ name = "id", type = "S" }] }
variable "indexes" { default = {} }
variable "retention" { default = {} }

locals {
  defaults = { read = { actions = ["s3:ListAllMyBuckets"], resources = ["*"], conditions = [] } }
  policies = merge(local.defaults, var.statements)
  tags     = merge({ Name = var.name }, var.tags)
  days     = try(var.retention.days, lookup(var.retention, "fallback", 30))
}

data "aws_iam_policy_document" "assume" {
  count = var.create ? 1 : 0
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "own" {
  count = var.create && length(local.policies) > 0 ? 1 : 0
  dynamic "statement" {
    for_each = local.policies
    content {
      sid       = title(statement.key)
      actions   = statement.value.actions
      resources = try(coalescelist(statement.value.resources, []), ["*"])
      dynamic "condition" {
        for_each = try(statement.value.conditions, [])
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count                = var.create ? 1 : 0
  name                 = var.name
  path                 = "/service/"
  max_session_duration = null
  assume_role_policy   = data.aws_iam_policy_document.assume[0].json
  tags                 = local.tags
}

resource "aws_iam_role_policy" "this" {
  count  = var.create && length(local.policies) > 0 ? 1 : 0
  name   = var.name
  role   = one(aws_iam_role.this[*].id)
  policy = one(data.aws_iam_policy_document.own[*].json)
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = { for name in ["ReadOnlyAccess"] : name => "arn:aws:iam::aws:policy/${name}" if var.create }
  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

resource "aws_security_group" "this" {
  count       = var.create ? 1 : 0
  name        = var.name
  description = "Of ${var.name}"
  tags        = local.tags
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group_rule" "ingress" {
  for_each          = { for name, rule in var.ingress : name => rule if var.create }
  type              = "ingress"
  security_group_id = aws_security_group.this[0].id
  from_port         = each.value.port
  to_port           = each.value.port
  protocol          = each.value.protocol
  cidr_blocks       = each.value.cidr_blocks
  self              = each.value.self
  description       = each.value.description
}

resource "aws_cloudwatch_log_group" "this" {
  for_each          = toset(var.create ? ["/service/${var.name}"] : [])
  name              = each.key
  retention_in_days = local.days
  tags              = var.tags
}

resource "aws_dynamodb_table" "this" {
  count        = var.create ? 1 : 0
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = var.attributes[0].name
  tags         = local.tags
  dynamic "attribute" {
    for_each = var.attributes
    content {
      name = attribute.value.name
      type = attribute.value.type
    }
  }
  dynamic "global_secondary_index" {
    for_each = var.indexes
    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash_key
      projection_type    = try(global_secondary_index.value.projection_type, "ALL")
      non_key_attributes = lookup(global_secondary_index.value, "non_key_attributes", null)
    }
  }
  server_side_encryption {
    enabled = true
  }
}
