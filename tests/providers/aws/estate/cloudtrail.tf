resource "aws_s3_bucket" "trail" {
  bucket        = "cloudtrail-estate"
  force_destroy = true
}

resource "aws_s3_bucket_policy" "trail" {
  bucket = aws_s3_bucket.trail.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["s3:GetBucketAcl", "s3:PutObject"]
      Resource  = ["arn:aws:s3:::cloudtrail-estate", "arn:aws:s3:::cloudtrail-estate/*"]
    }]
  })
}

resource "aws_cloudtrail" "trail" {
  name                          = "trail-all"
  s3_bucket_name                = aws_s3_bucket.trail.id
  s3_key_prefix                 = "all"
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  tags                          = { Team = "security" }
  depends_on                    = [aws_s3_bucket_policy.trail]
  event_selector {
    read_write_type           = "WriteOnly"
    include_management_events = true
    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:aws:s3:::cloudtrail-estate/"]
    }
  }
}

resource "aws_sfn_state_machine" "sfn_orders" {
  name     = "sfn-orders"
  role_arn = aws_iam_role.app.arn
  type     = "STANDARD"
  tags     = { Team = "shop" }
  definition = jsonencode({
    StartAt = "Take"
    States  = { Take = { Type = "Pass", End = true } }
  })
}
