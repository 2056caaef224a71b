# moto gives back no dead letter, logging, file system or image configuration: these are proven elsewhere.

resource "aws_s3_bucket" "lambda_code" {
  bucket        = "lambda-estate-code"
  force_destroy = true
}

resource "aws_s3_object" "lambda_code" {
  bucket         = aws_s3_bucket.lambda_code.id
  key            = "app.zip"
  content_base64 = "UEsDBBQAAAAAAAAAIVBq3gF4HAAAABwAAAAGAAAAYXBwLnB5ZGVmIGhhbmRsZXIoZSwgYyk6IHJldHVybiAxClBLAQIUAxQAAAAAAAAAIVBq3gF4HAAAABwAAAAGAAAAAAAAAAAAAACAAQAAAABhcHAucHlQSwUGAAAAAAEAAQA0AAAAQAAAAAAA"
}

resource "aws_lambda_function" "lambda_orders" {
  function_name                  = "lambda-orders"
  description                    = "Takes orders"
  role                           = aws_iam_role.app.arn
  runtime                        = "python3.12"
  handler                        = "app.handler"
  s3_bucket                      = aws_s3_bucket.lambda_code.id
  s3_key                         = aws_s3_object.lambda_code.key
  source_code_hash               = "nMAeSwtIKzk2UTd6mPLxYAWBAUS9ArP9juu8CQgBOyU="
  memory_size                    = 512
  timeout                        = 30
  reserved_concurrent_executions = 5
  tags                           = { Team = "shop" }

  environment {
    variables = { STAGE = "prod", DB_PASSWORD = "not-for-reports" }
  }
  ephemeral_storage {
    size = 1024
  }
  tracing_config {
    mode = "Active"
  }
  vpc_config {
    subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id]
    security_group_ids = [aws_security_group.web.id]
  }
}

resource "aws_lambda_permission" "lambda_orders_events" {
  statement_id  = "Events"
  function_name = aws_lambda_function.lambda_orders.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = "arn:aws:events:us-east-1:123456789012:rule/lambda-nightly"
}

resource "aws_lambda_permission" "lambda_orders_partner" {
  statement_id  = "Partner"
  function_name = aws_lambda_function.lambda_orders.arn
  action        = "lambda:InvokeFunction"
  principal     = "210987654321"
}

resource "aws_lambda_function" "lambda_plain" {
  function_name = "lambda-plain"
  role          = aws_iam_role.app.arn
  runtime       = "python3.12"
  handler       = "app.handler"
  s3_bucket     = aws_s3_bucket.lambda_code.id
  s3_key        = aws_s3_object.lambda_code.key
}
