# The estate of the tests: one file a service beside this one. The provider is pointed to loopback by AWS_ENDPOINT_URL.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true

  default_tags {
    tags = { ManagedBy = "terraform" }
  }
}
