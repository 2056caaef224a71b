# moto gives back no encryption and no resource policy of streams: these are proven elsewhere.

resource "aws_kinesis_stream" "clicks" {
  name             = "kinesis-clicks"
  shard_count      = 1
  retention_period = 48
}

resource "aws_kinesis_firehose_delivery_stream" "lake" {
  name        = "firehose-lake"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn           = aws_iam_role.app.arn
    bucket_arn         = aws_s3_bucket.lambda_code.arn
    buffering_size     = 64
    buffering_interval = 60
    prefix             = "clicks/"
  }
}

# What an unsupported type looks like: of whom AWS calls nothing is compared.
resource "aws_account_alternate_contact" "unsupported" {
  alternate_contact_type = "OPERATIONS"
  name                   = "Sam"
  title                  = "Operator"
  email_address          = "operations@loopback.example"
  phone_number           = "+1234567890"
}
