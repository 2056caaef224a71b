resource "aws_scheduler_schedule_group" "scheduler_nightly" {
  name = "scheduler-nightly"
  tags = { Team = "shop" }
}

resource "aws_scheduler_schedule" "scheduler_cleanup" {
  name                         = "scheduler-cleanup"
  group_name                   = aws_scheduler_schedule_group.scheduler_nightly.name
  description                  = "Cleans up"
  schedule_expression          = "cron(0 3 * * ? *)"
  schedule_expression_timezone = "Europe/Berlin"
  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 30
  }
  target {
    arn      = aws_lambda_function.lambda_plain.arn
    role_arn = aws_iam_role.app.arn
    input    = jsonencode({ days = 30 })
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }
  }
}

resource "aws_scheduler_schedule" "scheduler_plain" {
  name                = "scheduler-plain"
  schedule_expression = "rate(1 hour)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_sqs_queue.lambda_orders.arn
    role_arn = aws_iam_role.app.arn
  }
}
