# Larkspur Coffee, the web shop: account 123456789012, Ireland; what must be in Virginia is in virginia.tf.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = {
      ManagedBy = "terraform"
      Owner     = "web@larkspur.example"
    }
  }
}

provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
  default_tags {
    tags = {
      ManagedBy = "terraform"
      Owner     = "web@larkspur.example"
    }
  }
}

variable "database_password" {
  type      = string
  sensitive = true
}

variable "roastery_api_key" {
  type      = string
  sensitive = true
}
