# AWS Secrets Manager. A replica is left out: moto makes it in another region, which the estate's run does not read.

resource "aws_secretsmanager_secret" "plain" {
  name = "secretsmanager-plain"
}

resource "aws_secretsmanager_secret" "rich" {
  name                    = "secretsmanager/rich"
  description             = "the database's password"
  kms_key_id              = aws_kms_key.main.arn
  recovery_window_in_days = 7
  tags = {
    Data = "orders"
  }
}

resource "aws_secretsmanager_secret_version" "rich" {
  secret_id     = aws_secretsmanager_secret.rich.id
  secret_string = jsonencode({ password = "the-estate's-secret" })
}

resource "aws_secretsmanager_secret_policy" "rich" {
  secret_arn = aws_secretsmanager_secret.rich.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NobodyElse"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:PrincipalAccount" = "123456789012" } }
    }]
  })
}

resource "aws_secretsmanager_secret" "inline" {
  name = "secretsmanager-inline"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Account"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = "secretsmanager:*"
      Resource  = "*"
    }]
  })
}
