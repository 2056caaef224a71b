resource "aws_sns_topic" "sns_alerts" {
  name              = "sns-alerts"
  display_name      = "Alerts"
  kms_master_key_id = "alias/aws/sns"
  tags              = { Team = "ops" }
}

resource "aws_sns_topic_policy" "sns_alerts" {
  arn = aws_sns_topic.sns_alerts.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.sns_alerts.arn
    }]
  })
}

resource "aws_sns_topic" "sns_plain" {
  name = "sns-plain"
}

resource "aws_sns_topic_subscription" "sns_filtered" {
  topic_arn            = aws_sns_topic.sns_alerts.arn
  protocol             = "sqs"
  endpoint             = "arn:aws:sqs:us-east-1:123456789012:sns-target"
  raw_message_delivery = true
  filter_policy        = jsonencode({ severity = ["high", "critical"] })
}

resource "aws_sns_topic_subscription" "sns_minimal" {
  topic_arn = aws_sns_topic.sns_plain.arn
  protocol  = "sqs"
  endpoint  = "arn:aws:sqs:us-east-1:123456789012:sns-target"
}
