# Resources of which some attributes are ignored, in each form that Terraform knows.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true

  default_tags {
    tags = { ManagedBy = "terraform" }
  }
}

resource "aws_sqs_queue" "untagged" {
  name          = "untagged"
  delay_seconds = 5
  lifecycle {
    ignore_changes = [tags]
  }
}

resource "aws_sqs_queue" "each" {
  for_each      = toset(["a", "b"])
  name          = "each-${each.key}"
  delay_seconds = 5
  tags          = { Name = "each", Team = "shop" }
  lifecycle {
    ignore_changes = [
      tags["Name"], # set by the console
      delay_seconds,
    ]
  }
}

resource "aws_sqs_queue" "legacy" {
  count         = 2
  name          = "legacy-${count.index}"
  delay_seconds = 5
  lifecycle {
    ignore_changes = ["delay_seconds"]
  }
}

resource "aws_sqs_queue" "everything" {
  name          = "everything"
  delay_seconds = 5
  tags          = { Name = "everything" }
  lifecycle {
    ignore_changes = all
  }
}

resource "aws_sqs_queue" "doomed" {
  name = "doomed"
  lifecycle {
    ignore_changes = all
  }
}

resource "aws_sqs_queue" "overridden" {
  name          = "overridden"
  delay_seconds = 5
  lifecycle {
    ignore_changes = [delay_seconds]
  }
}

resource "aws_s3_bucket" "merged" {
  bucket = "lifecycle-merged"
  tags   = { Name = "merged" }
  lifecycle {
    ignore_changes = all
  }
}

resource "aws_s3_bucket_versioning" "merged" {
  bucket = aws_s3_bucket.merged.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket" "parent" {
  bucket = "lifecycle-parent"
  tags   = { Name = "parent" }
}

resource "aws_s3_bucket_versioning" "parent" {
  bucket = aws_s3_bucket.parent.id
  versioning_configuration {
    status = "Enabled"
  }
  lifecycle {
    ignore_changes = [versioning_configuration[0].status]
  }
}

resource "aws_iam_role" "policy" {
  name        = "lifecycle"
  description = "as declared"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
  lifecycle {
    ignore_changes = [assume_role_policy]
  }
}

module "network" {
  source = "./network"
}

module "queues" {
  for_each = toset(["x.y"])
  source   = "./queue"
}

module "service" {
  for_each = { service = { days = 7 } }
  source   = "./service"
  name     = each.key
  tags     = { Team = "shop" }
  ingress = {
    https = { port = 443, cidr_blocks = ["10.0.0.0/8"], description = "Clients" }
    peers = { port = 8080, self = true }
  }
  statements = {
    write = {
      actions    = ["s3:PutObject"]
      resources  = ["arn:aws:s3:::uploads/*"]
      conditions = [{ test = "Bool", variable = "aws:SecureTransport", values = ["true"] }]
    }
  }
  attributes = [{ name = "id", type = "S" }, { name = "owner", type = "S" }]
  indexes    = { owner = { hash_key = "owner" } }
  retention  = each.value
}

module "absent" {
  source = "./service"
  name   = "absent"
  create = false
}
