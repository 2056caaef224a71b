resource "aws_sqs_queue" "lambda_orders" {
  name = "lambda-orders-in"
}

resource "aws_lambda_event_source_mapping" "lambda_orders" {
  event_source_arn                   = aws_sqs_queue.lambda_orders.arn
  function_name                      = aws_lambda_function.lambda_plain.arn
  batch_size                         = 5
  maximum_batching_window_in_seconds = 10
  filter_criteria {
    filter {
      pattern = jsonencode({ body = { kind = ["order"] } })
    }
  }
}

resource "aws_lambda_layer_version" "lambda_common" {
  layer_name          = "lambda-common"
  description         = "Shared code"
  s3_bucket           = aws_s3_bucket.lambda_code.id
  s3_key              = aws_s3_object.lambda_code.key
  compatible_runtimes = ["python3.12", "python3.11"]
  license_info        = "MIT"
}

resource "aws_lambda_function_url" "lambda_plain" {
  function_name      = aws_lambda_function.lambda_plain.function_name
  authorization_type = "AWS_IAM"
  cors {
    allow_origins = ["https://shop.example.org"]
    allow_methods = ["GET", "POST"]
    max_age       = 600
  }
}

resource "aws_lambda_function_event_invoke_config" "lambda_plain" {
  function_name                = aws_lambda_function.lambda_plain.function_name
  maximum_event_age_in_seconds = 3600
  maximum_retry_attempts       = 1
  destination_config {
    on_failure {
      destination = aws_sqs_queue.lambda_orders.arn
    }
  }
}
