# AWS Systems Manager Parameter Store. Names that begin with ssm are refused.

resource "aws_ssm_parameter" "plain" {
  name  = "parameter-plain"
  type  = "String"
  value = "v1"
}

resource "aws_ssm_parameter" "rich" {
  name            = "/parameters/rich/limit"
  type            = "String"
  value           = "100"
  description     = "how many at once"
  allowed_pattern = "^[0-9]+$"
  tags = {
    Data = "none"
  }
}

resource "aws_ssm_parameter" "hosts" {
  name  = "/parameters/hosts"
  type  = "StringList"
  value = "b.example.com,a.example.com"
}

resource "aws_ssm_parameter" "password" {
  name   = "/parameters/password"
  type   = "SecureString"
  value  = "the-estate's-password"
  key_id = aws_kms_key.main.arn
}
