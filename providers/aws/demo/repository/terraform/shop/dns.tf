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
