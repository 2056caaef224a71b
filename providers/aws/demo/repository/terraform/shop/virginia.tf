resource "aws_s3_bucket" "downloads" {
  provider = aws.virginia
  bucket   = "larkspur-downloads"
}

resource "aws_cloudwatch_log_group" "edge" {
  provider          = aws.virginia
  name              = "/shop/edge"
  retention_in_days = 90
}

resource "aws_sns_topic" "billing" {
  provider = aws.virginia
  name     = "billing"
  tags     = { Owner = "finance@larkspur.example" }
}

resource "aws_ssm_parameter" "certificate" {
  provider = aws.virginia
  name     = "/shop/certificate"
  type     = "String"
  value    = "arn:aws:acm:us-east-1:123456789012:certificate/6f1a2b3c-0000-4000-8000-000000000001"
}
