resource "aws_cloudwatch_event_bus" "events_orders" {
  name = "events-orders"
  tags = { Team = "shop" }
}

resource "aws_cloudwatch_event_rule" "events_nightly" {
  name                = "events-nightly"
  description         = "Cleans up"
  schedule_expression = "rate(60 minutes)"
  tags                = { Team = "shop" }
}

resource "aws_cloudwatch_event_target" "events_nightly_queue" {
  rule      = aws_cloudwatch_event_rule.events_nightly.name
  target_id = "queue"
  arn       = "arn:aws:sqs:us-east-1:123456789012:events-cleanup"
  input     = jsonencode({ mode = "nightly" })
}

resource "aws_cloudwatch_event_target" "events_nightly_topic" {
  rule      = aws_cloudwatch_event_rule.events_nightly.name
  target_id = "topic"
  arn       = "arn:aws:sns:us-east-1:123456789012:events-news"

  input_transformer {
    input_paths    = { when = "$.time" }
    input_template = "\"ran at <when>\""
  }
}

resource "aws_cloudwatch_event_rule" "events_placed" {
  name           = "events-placed"
  event_bus_name = aws_cloudwatch_event_bus.events_orders.name
  event_pattern  = jsonencode({ source = ["shop.orders"], "detail-type" = ["OrderPlaced"] })
}

resource "aws_cloudwatch_event_target" "events_placed" {
  rule           = aws_cloudwatch_event_rule.events_placed.name
  event_bus_name = aws_cloudwatch_event_bus.events_orders.name
  target_id      = "worker"
  arn            = "arn:aws:sqs:us-east-1:123456789012:events-work"
}
