# AWS KMS. `main` is for the other files of the estate, too.

resource "aws_kms_key" "main" {
  description             = "of the estate"
  enable_key_rotation     = true
  deletion_window_in_days = 10
  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "estate"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.us-east-1.amazonaws.com" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*"]
        Resource  = "*"
      },
    ]
  })
  tags = {
    Data = "all"
  }
}

resource "aws_kms_key" "plain" {}

resource "aws_kms_key" "sign" {
  description              = "signs releases"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
}

resource "aws_kms_key" "separate" {
  description = "with a policy of its own"
}

resource "aws_kms_key_policy" "separate" {
  key_id = aws_kms_key.separate.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "123456789012" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "main" {
  name          = "alias/kms-main"
  target_key_id = aws_kms_key.main.key_id
}

resource "aws_kms_alias" "sign" {
  name          = "alias/kms-sign"
  target_key_id = aws_kms_key.sign.arn
}
