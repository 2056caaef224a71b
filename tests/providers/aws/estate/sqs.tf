# The provider waits 25 seconds for each change of a queue; moto loses one of two that come at once to one queue.

resource "aws_sqs_queue" "sqs_dead" {
  name                      = "sqs-orders-dead"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "sqs_orders" {
  name                       = "sqs-orders"
  visibility_timeout_seconds = 120
  receive_wait_time_seconds  = 10
  kms_master_key_id          = "alias/aws/sqs"
  tags                       = { Team = "shop", Stage = "prod" }
}

resource "aws_sqs_queue_redrive_policy" "sqs_orders" {
  queue_url      = aws_sqs_queue.sqs_orders.id
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.sqs_dead.arn, maxReceiveCount = 4 })
}

resource "aws_sqs_queue_policy" "sqs_dead" {
  queue_url = aws_sqs_queue.sqs_dead.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Topic"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.sqs_dead.arn
    }]
  })
}

resource "aws_sqs_queue" "sqs_fifo" {
  name                        = "sqs-ledger.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
}

resource "aws_sqs_queue" "sqs_plain" {
  name = "sqs-plain"
}
