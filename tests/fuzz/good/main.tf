resource "aws_sqs_queue" "jobs" {
  name = "jobs"
  lifecycle { ignore_changes = [tags["a"], delay_seconds] }
}
module "a" { source = "./a" }
