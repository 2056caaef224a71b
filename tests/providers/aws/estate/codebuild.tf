resource "aws_codebuild_project" "build_shop" {
  name          = "build-shop"
  description   = "Builds the shop"
  service_role  = aws_iam_role.app.arn
  build_timeout = 30
  tags          = { Team = "shop" }
  artifacts {
    type = "NO_ARTIFACTS"
  }
  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    environment_variable {
      name  = "STAGE"
      value = "prod"
    }
  }
  source {
    type     = "S3"
    location = "lambda-estate-code/app.zip"
  }
}

resource "aws_codedeploy_app" "deploy_shop" {
  name             = "deploy-shop"
  compute_platform = "Server"
  tags             = { Team = "shop" }
}

resource "aws_service_discovery_http_namespace" "discovery_shop" {
  name        = "discovery-shop"
  description = "Services of the shop"
  tags        = { Team = "shop" }
}
