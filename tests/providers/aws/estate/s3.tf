# Amazon S3: a bucket with nothing said, one with everything in separate resources, one with the old inline blocks.

resource "aws_s3_bucket" "plain" {
  bucket = "s3-plain"
}

resource "aws_s3_bucket" "logs" {
  bucket        = "s3-logs"
  force_destroy = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_acl" "logs" {
  depends_on = [aws_s3_bucket_ownership_controls.logs]
  bucket     = aws_s3_bucket.logs.id
  acl        = "log-delivery-write"
}

resource "aws_s3_bucket" "shared" {
  bucket = "s3-shared"
}

data "aws_canonical_user_id" "s3" {}

resource "aws_s3_bucket_ownership_controls" "shared" {
  bucket = aws_s3_bucket.shared.id
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_acl" "shared" {
  depends_on = [aws_s3_bucket_ownership_controls.shared]
  bucket     = aws_s3_bucket.shared.id
  access_control_policy {
    grant {
      grantee {
        id   = data.aws_canonical_user_id.s3.id
        type = "CanonicalUser"
      }
      permission = "FULL_CONTROL"
    }
    grant {
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
      permission = "READ_ACP"
    }
    owner {
      id = data.aws_canonical_user_id.s3.id
    }
  }
}

resource "aws_sqs_queue" "s3" {
  name = "s3-events"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:us-east-1:123456789012:s3-events"
    }]
  })
}

resource "aws_s3_bucket" "rich" {
  bucket = "s3-rich"
  tags = {
    Data = "orders"
  }
}

resource "aws_s3_bucket_versioning" "rich" {
  bucket = aws_s3_bucket.rich.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "rich" {
  bucket = aws_s3_bucket.rich.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.main.arn
    }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_public_access_block" "rich" {
  bucket                  = aws_s3_bucket.rich.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "rich" {
  bucket = aws_s3_bucket.rich.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "rich" {
  bucket = aws_s3_bucket.rich.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.rich.arn, "${aws_s3_bucket.rich.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_s3_bucket_lifecycle_configuration" "rich" {
  bucket = aws_s3_bucket.rich.id
  rule {
    id     = "expire-logs"
    status = "Enabled"
    filter {
      prefix = "logs/"
    }
    expiration {
      days = 90
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = 60
      storage_class = "GLACIER"
    }
  }
  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {
      # `and` is left out: Terraform waits in vain for moto to give it back as it was said
      tag {
        key   = "Kind"
        value = "scratch"
      }
    }
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }
  rule {
    id     = "whole"
    status = "Disabled"
    filter {}
    expiration {
      date = "2040-01-01T00:00:00Z"
    }
  }
}

resource "aws_s3_bucket_logging" "rich" {
  depends_on    = [aws_s3_bucket_acl.logs]
  bucket        = aws_s3_bucket.rich.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "rich/"
}

resource "aws_s3_bucket_cors_configuration" "rich" {
  bucket = aws_s3_bucket.rich.id
  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = ["PUT", "POST"]
    allowed_origins = ["https://example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_s3_bucket_notification" "rich" {
  bucket      = aws_s3_bucket.rich.id
  eventbridge = true
  queue {
    queue_arn     = aws_sqs_queue.s3.arn
    events        = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    filter_prefix = "in/"
    filter_suffix = ".csv"
  }
}

resource "aws_s3_bucket_accelerate_configuration" "rich" {
  bucket = aws_s3_bucket.rich.id
  status = "Enabled"
}

resource "aws_s3_bucket_inventory" "rich" {
  # optional_fields are left out: moto keeps their number only
  bucket                   = aws_s3_bucket.rich.id
  name                     = "weekly"
  included_object_versions = "All"
  schedule {
    frequency = "Weekly"
  }
  filter {
    prefix = "in/"
  }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
      prefix     = "inventory"
    }
  }
}

resource "aws_s3_bucket" "locked" {
  bucket              = "s3-locked"
  object_lock_enabled = true
}

resource "aws_s3_bucket_object_lock_configuration" "locked" {
  bucket = aws_s3_bucket.locked.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 5
    }
  }
}

resource "aws_s3_bucket" "site" {
  bucket = "s3-site"
}

resource "aws_s3_bucket_website_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  index_document {
    suffix = "index.html"
  }
  error_document {
    key = "404.html"
  }
  routing_rule {
    condition {
      key_prefix_equals = "old/"
    }
    redirect {
      replace_key_prefix_with = "new/"
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "inline" {
  bucket = aws_s3_bucket.inline.id
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket" "inline" {
  depends_on = [aws_s3_bucket_acl.logs]
  bucket     = "s3-inline"
  versioning {
    enabled = true
  }
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  lifecycle_rule {
    id      = "expire"
    enabled = true
    prefix  = "tmp/"
    expiration {
      days = 10
    }
    noncurrent_version_expiration {
      days = 20
    }
  }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["https://example.org"]
  }
  logging {
    target_bucket = aws_s3_bucket.logs.id
    target_prefix = "inline/"
  }
}

resource "aws_s3_bucket" "replica" {
  bucket = "s3-replica"
}

resource "aws_s3_bucket_versioning" "replica" {
  bucket = aws_s3_bucket.replica.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_replication_configuration" "rich" {
  depends_on = [aws_s3_bucket_versioning.rich, aws_s3_bucket_versioning.replica]
  bucket     = aws_s3_bucket.rich.id
  role       = aws_iam_role.s3_replication.arn
  rule {
    id       = "all"
    priority = 1
    status   = "Enabled"
    filter {
      prefix = "in/"
    }
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket        = aws_s3_bucket.replica.arn
      storage_class = "STANDARD_IA"
    }
  }
}

resource "aws_iam_role" "s3_replication" {
  name = "s3-replication"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "s3.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
