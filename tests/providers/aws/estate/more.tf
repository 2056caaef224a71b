# What is used less, of many services.

# moto keeps no tags of IoT.
provider "aws" {
  alias                       = "untagged"
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

resource "aws_api_gateway_rest_api" "more" {
  name = "more-api"
}

resource "aws_api_gateway_api_key" "more" {
  name        = "more-partner"
  description = "A partner's"
  value       = "abcdefghijklmnopqrstuvwxyz"
}

resource "aws_api_gateway_usage_plan" "more" {
  name = "more-plan"
}

resource "aws_api_gateway_usage_plan_key" "more" {
  key_id        = aws_api_gateway_api_key.more.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.more.id
}

resource "aws_api_gateway_authorizer" "more" {
  name                             = "more-login"
  rest_api_id                      = aws_api_gateway_rest_api.more.id
  authorizer_uri                   = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:login/invocations"
  authorizer_result_ttl_in_seconds = 60
  identity_source                  = "method.request.header.Token"
}

resource "aws_api_gateway_request_validator" "more" {
  name                  = "more-body"
  rest_api_id           = aws_api_gateway_rest_api.more.id
  validate_request_body = true
}

resource "aws_api_gateway_model" "more" {
  rest_api_id  = aws_api_gateway_rest_api.more.id
  name         = "order"
  description  = "An order"
  content_type = "application/json"
  schema       = jsonencode({ type = "object", required = ["id"] })
}

resource "aws_api_gateway_gateway_response" "more" {
  rest_api_id         = aws_api_gateway_rest_api.more.id
  status_code         = "401"
  response_type       = "UNAUTHORIZED"
  response_templates  = { "application/json" = "{\"message\":$context.error.messageString}" }
  response_parameters = { "gatewayresponse.header.Authorization" = "'Basic'" }
}

resource "aws_api_gateway_domain_name" "more" {
  domain_name              = "more.example.org"
  regional_certificate_arn = aws_acm_certificate.more.arn
  security_policy          = "TLS_1_2"
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_acm_certificate" "more" {
  domain_name       = "more.example.org"
  validation_method = "DNS"
}

resource "aws_api_gateway_base_path_mapping" "more" {
  api_id      = aws_api_gateway_rest_api.more.id
  domain_name = aws_api_gateway_domain_name.more.domain_name
  base_path   = "shop"
  stage_name  = aws_api_gateway_stage.more.stage_name
}

resource "aws_api_gateway_base_path_mapping" "more_root" {
  api_id      = aws_api_gateway_rest_api.more.id
  domain_name = aws_api_gateway_domain_name.more.domain_name
  stage_name  = aws_api_gateway_stage.more.stage_name
}

resource "aws_api_gateway_method" "more" {
  rest_api_id   = aws_api_gateway_rest_api.more.id
  resource_id   = aws_api_gateway_rest_api.more.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "more" {
  rest_api_id = aws_api_gateway_rest_api.more.id
  resource_id = aws_api_gateway_rest_api.more.root_resource_id
  http_method = aws_api_gateway_method.more.http_method
  type        = "MOCK"
}

resource "aws_api_gateway_deployment" "more" {
  rest_api_id = aws_api_gateway_rest_api.more.id
  depends_on  = [aws_api_gateway_integration.more]
}

resource "aws_api_gateway_stage" "more" {
  rest_api_id   = aws_api_gateway_rest_api.more.id
  deployment_id = aws_api_gateway_deployment.more.id
  stage_name    = "prod"
}

resource "aws_lambda_alias" "more" {
  name             = "more-live"
  description      = "What is live"
  function_name    = aws_lambda_function.lambda_plain.arn
  function_version = "$LATEST"
}

resource "aws_ses_receipt_rule_set" "more" {
  rule_set_name = "more-inbound"
}

resource "aws_ses_active_receipt_rule_set" "more" {
  rule_set_name = aws_ses_receipt_rule_set.more.rule_set_name
}

resource "aws_ses_receipt_rule" "more" {
  name          = "more-store"
  rule_set_name = aws_ses_receipt_rule_set.more.rule_set_name
  recipients    = ["orders@example.org"]
  enabled       = true
  scan_enabled  = true
  s3_action {
    bucket_name = aws_s3_bucket.lambda_code.id
    position    = 2
  }
  add_header_action {
    header_name  = "X-Seen"
    header_value = "yes"
    position     = 1
  }
}

resource "aws_glue_workflow" "more" {
  name                   = "more-nightly"
  description            = "Every night"
  max_concurrent_runs    = 2
  default_run_properties = { stage = "prod" }
}

resource "aws_iot_policy" "more" {
  provider = aws.untagged
  name     = "more-devices"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["iot:Connect"], Resource = "*" }] })
}

resource "aws_iot_role_alias" "more" {
  provider = aws.untagged
  alias    = "more-devices"
  role_arn = aws_iam_role.app.arn
}

resource "aws_config_aggregate_authorization" "more" {
  account_id = "111111111111"
  region     = "eu-west-1"
}

resource "aws_config_configuration_aggregator" "more" {
  name = "all"
  account_aggregation_source {
    account_ids = ["111111111111"]
    regions     = ["us-east-1"]
  }
}

resource "aws_cloudwatch_event_connection" "more" {
  name               = "more-partner"
  description        = "To a partner"
  authorization_type = "API_KEY"
  auth_parameters {
    api_key {
      key   = "x-key"
      value = "s3cr3tvalue-4711"
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "more" {
  name                             = "more-partner"
  invocation_endpoint              = "https://partner.example.org/hook"
  http_method                      = "POST"
  invocation_rate_limit_per_second = 20
  connection_arn                   = aws_cloudwatch_event_connection.more.arn
}
