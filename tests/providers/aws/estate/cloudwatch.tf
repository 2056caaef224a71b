resource "aws_cloudwatch_metric_alarm" "cloudwatch_cpu" {
  alarm_name          = "cloudwatch-cpu"
  alarm_description   = "Too busy"
  namespace           = "AWS/EC2"
  metric_name         = "CPUUtilization"
  dimensions          = { InstanceId = "i-0123456789abcdef0" }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = 80
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = ["arn:aws:sns:us-east-1:123456789012:oncall", "arn:aws:sns:us-east-1:123456789012:audit"]
  ok_actions          = ["arn:aws:sns:us-east-1:123456789012:oncall"]
  tags                = { Team = "ops" }
}

resource "aws_cloudwatch_metric_alarm" "cloudwatch_rate" {
  alarm_name          = "cloudwatch-error-rate"
  evaluation_periods  = 2
  threshold           = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"

  metric_query {
    id          = "rate"
    expression  = "errors / requests * 100"
    label       = "Error rate"
    return_data = true
  }
  metric_query {
    id = "errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_ELB_5XX_Count"
      period      = 120
      stat        = "Sum"
      dimensions  = { LoadBalancer = "app/web" }
    }
  }
  metric_query {
    id = "requests"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      period      = 120
      stat        = "Sum"
      dimensions  = { LoadBalancer = "app/web" }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "cloudwatch_plain" {
  alarm_name          = "cloudwatch-plain"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
}
