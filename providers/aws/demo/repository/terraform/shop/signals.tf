resource "aws_route53_zone" "shop" {
  name    = "larkspur.example"
  comment = "The shop"
}

resource "aws_route53_record" "shop" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "shop.larkspur.example"
  type    = "A"
  alias {
    name                   = aws_lb.shop.dns_name
    zone_id                = aws_lb.shop.zone_id
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "mail" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "larkspur.example"
  type    = "MX"
  ttl     = 3600
  records = ["10 mail.larkspur.example."]
}

resource "aws_cloudwatch_log_group" "shop" {
  name              = "/shop/web"
  retention_in_days = 365
}

resource "aws_cloudwatch_metric_alarm" "shop_errors" {
  alarm_name          = "shop-errors"
  alarm_description   = "The shop answers with errors"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  threshold           = 10
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

resource "aws_sqs_queue" "oncall" {
  name                      = "oncall"
  message_retention_seconds = 86400
  tags                      = { Owner = "platform@larkspur.example" }
}

resource "aws_sqs_queue_policy" "oncall" {
  queue_url = aws_sqs_queue.oncall.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.oncall.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.alarms.arn } }
    }]
  })
}

resource "aws_sns_topic_subscription" "oncall" {
  topic_arn            = aws_sns_topic.alarms.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.oncall.arn
  raw_message_delivery = true
}
