terraform {
  required_version = ">= 1.7"
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

locals {
  queues = {
    orders = { delay = 5, owner = "ada" }
    mails  = { delay = 10, owner = "bob" }
  }
}

resource "aws_sqs_queue" "all" {
  for_each      = local.queues
  name          = "real-${each.key}"
  delay_seconds = each.value.delay

  tags = {
    Owner = each.value.owner
  }
}

resource "aws_sqs_queue" "doomed" {
  name = "real-doomed"
}

resource "aws_sns_topic" "alerts" {
  name         = "real-alerts"
  display_name = var.display
}

variable "display" {
  type    = string
  default = "Alerts"
}

resource "aws_s3_bucket" "logs" {
  bucket = "real-acme-logs"
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_iam_role" "worker" {
  name = "real-worker"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_dynamodb_table" "orders" {
  name         = "real-orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  tags = {
    Owner = "ada"
  }
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/real/app"
  retention_in_days = 14
}

resource "aws_cloudwatch_metric_alarm" "depth" {
  alarm_name          = "real-depth"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  metric_name         = "ApproximateNumberOfMessagesVisible"
  namespace           = "AWS/SQS"
  period              = 60
  statistic           = "Average"
  threshold           = 100

  dimensions = {
    QueueName = aws_sqs_queue.all["orders"].name
  }
}

resource "aws_ssm_parameter" "region" {
  name        = "/real/region"
  type        = "String"
  value       = "eu-west-1"
  description = "Where the shop runs"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "web" {
  name        = "real-web"
  description = "of the shop"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "https"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_ecr_repository" "api" {
  name                 = "real-api"
  image_tag_mutability = "MUTABLE"
}
