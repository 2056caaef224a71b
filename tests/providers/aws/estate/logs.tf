resource "aws_cloudwatch_log_group" "logs_app" {
  name              = "/logs/app"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn
  tags              = { Team = "ops" }
}

resource "aws_cloudwatch_log_group" "logs_plain" {
  name = "/logs/plain"
}
