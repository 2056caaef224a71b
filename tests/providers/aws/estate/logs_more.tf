# What is made of log lines, who may write them, where AWS services log to, and a dashboard.

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "logs-errors"
  pattern        = "ERROR"
  log_group_name = aws_cloudwatch_log_group.logs_app.name

  metric_transformation {
    name          = "Errors"
    namespace     = "Shop"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_log_metric_filter" "slow" {
  name           = "logs-slow"
  pattern        = "{ $.ms > 1000 }"
  log_group_name = aws_cloudwatch_log_group.logs_app.name

  metric_transformation {
    name      = "Slow"
    namespace = "Shop"
    value     = "$.ms"
    unit      = "Milliseconds"
  }
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name = "logs-events"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "events"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["logs:PutLogEvents", "logs:CreateLogStream"]
      Resource  = "*"
    }]
  })
}

resource "aws_cloudwatch_log_delivery_source" "cdn" {
  name         = "logs-cdn"
  log_type     = "ACCESS_LOGS"
  resource_arn = "arn:aws:cloudfront::123456789012:distribution/E1Q5O5EXAMPLE"
}

resource "aws_cloudwatch_dashboard" "shop" {
  dashboard_name = "logs-shop"
  dashboard_body = jsonencode({
    widgets = [{
      type = "text", x = 0, y = 0, width = 6, height = 3, properties = { markdown = "Shop" }
    }]
  })
}
