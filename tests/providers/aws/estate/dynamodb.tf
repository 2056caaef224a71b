resource "aws_dynamodb_table" "dynamodb_orders" {
  name                        = "dynamodb-orders"
  billing_mode                = "PROVISIONED"
  read_capacity               = 5
  write_capacity              = 5
  hash_key                    = "customer"
  range_key                   = "placed"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = true
  tags                        = { Team = "shop" }

  attribute {
    name = "customer"
    type = "S"
  }
  attribute {
    name = "placed"
    type = "N"
  }
  attribute {
    name = "status"
    type = "S"
  }
  global_secondary_index {
    name               = "by-status"
    hash_key           = "status"
    range_key          = "placed"
    read_capacity      = 2
    write_capacity     = 2
    projection_type    = "INCLUDE"
    non_key_attributes = ["total", "currency"]
  }
  local_secondary_index {
    name            = "by-customer-status"
    range_key       = "status"
    projection_type = "KEYS_ONLY"
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.main.arn
  }
  ttl {
    attribute_name = "expires"
    enabled        = true
  }
}

resource "aws_dynamodb_table" "dynamodb_plain" {
  name         = "dynamodb-plain"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_dynamodb_resource_policy" "dynamodb_plain" {
  resource_arn = aws_dynamodb_table.dynamodb_plain.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Partner"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Action    = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource  = aws_dynamodb_table.dynamodb_plain.arn
    }]
  })
}
