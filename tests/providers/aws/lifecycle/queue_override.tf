resource "aws_sqs_queue" "overridden" {
  lifecycle {
    ignore_changes = [visibility_timeout_seconds]
  }
}
