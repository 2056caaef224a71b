# moto gives a policy back in other quotes than API Gateway, which Terraform can't read: proven elsewhere.

resource "aws_api_gateway_rest_api" "api_orders" {
  name        = "api-orders"
  description = "Orders"
  tags        = { Team = "shop" }
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_resource" "api_orders" {
  rest_api_id = aws_api_gateway_rest_api.api_orders.id
  parent_id   = aws_api_gateway_rest_api.api_orders.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_method" "api_orders_get" {
  rest_api_id        = aws_api_gateway_rest_api.api_orders.id
  resource_id        = aws_api_gateway_resource.api_orders.id
  http_method        = "GET"
  authorization      = "AWS_IAM"
  request_parameters = { "method.request.querystring.page" = false }
}

resource "aws_api_gateway_integration" "api_orders_get" {
  rest_api_id             = aws_api_gateway_rest_api.api_orders.id
  resource_id             = aws_api_gateway_resource.api_orders.id
  http_method             = aws_api_gateway_method.api_orders_get.http_method
  type                    = "HTTP"
  integration_http_method = "GET"
  uri                     = "https://orders.example.org/"
  passthrough_behavior    = "WHEN_NO_TEMPLATES"
  request_templates       = { "application/json" = "{}" }
}

resource "aws_api_gateway_method_response" "api_orders_get" {
  rest_api_id     = aws_api_gateway_rest_api.api_orders.id
  resource_id     = aws_api_gateway_resource.api_orders.id
  http_method     = aws_api_gateway_method.api_orders_get.http_method
  status_code     = "200"
  response_models = { "application/json" = "Empty" }
}

resource "aws_api_gateway_integration_response" "api_orders_get" {
  rest_api_id        = aws_api_gateway_rest_api.api_orders.id
  resource_id        = aws_api_gateway_resource.api_orders.id
  http_method        = aws_api_gateway_method.api_orders_get.http_method
  status_code        = aws_api_gateway_method_response.api_orders_get.status_code
  response_templates = { "application/json" = "{}" }
  depends_on         = [aws_api_gateway_integration.api_orders_get]
}

resource "aws_api_gateway_deployment" "api_orders" {
  rest_api_id = aws_api_gateway_rest_api.api_orders.id
  description = "First"
  depends_on  = [aws_api_gateway_integration_response.api_orders_get]
}

resource "aws_api_gateway_stage" "api_orders" {
  rest_api_id   = aws_api_gateway_rest_api.api_orders.id
  deployment_id = aws_api_gateway_deployment.api_orders.id
  stage_name    = "prod"
  description   = "For customers"
  variables     = { stage = "prod" }
  tags          = { Team = "shop" }
}

resource "aws_api_gateway_usage_plan" "api_orders" {
  name        = "api-partners"
  description = "Partners"
  api_stages {
    api_id = aws_api_gateway_rest_api.api_orders.id
    stage  = aws_api_gateway_stage.api_orders.stage_name
  }
  quota_settings {
    limit  = 1000
    period = "DAY"
  }
  throttle_settings {
    burst_limit = 20
    rate_limit  = 10
  }
}

resource "aws_apigatewayv2_api" "api_shop" {
  name          = "api-shop"
  protocol_type = "HTTP"
  description   = "The shop's"
  tags          = { Team = "shop" }
  cors_configuration {
    allow_origins = ["https://shop.example.org"]
    allow_methods = ["GET", "POST"]
    max_age       = 300
  }
}

resource "aws_apigatewayv2_authorizer" "api_shop" {
  api_id           = aws_apigatewayv2_api.api_shop.id
  name             = "customers"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]
  jwt_configuration {
    audience = ["shop"]
    issuer   = "https://login.example.org"
  }
}

resource "aws_apigatewayv2_integration" "api_shop" {
  api_id             = aws_apigatewayv2_api.api_shop.id
  integration_type   = "HTTP_PROXY"
  integration_method = "ANY"
  integration_uri    = "https://shop.example.org/"
}

resource "aws_apigatewayv2_route" "api_shop" {
  api_id             = aws_apigatewayv2_api.api_shop.id
  route_key          = "GET /orders"
  target             = "integrations/${aws_apigatewayv2_integration.api_shop.id}"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.api_shop.id
}

resource "aws_apigatewayv2_stage" "api_shop" {
  api_id      = aws_apigatewayv2_api.api_shop.id
  name        = "prod"
  auto_deploy = true
  tags        = { Team = "shop" }
  default_route_settings {
    throttling_burst_limit = 100
    throttling_rate_limit  = 50
  }
}
