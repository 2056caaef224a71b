locals {
  team = get_env("TEAM", "shop")
}
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<-EOT
    provider "aws" {
      region = "eu-west-1"
    }
  EOT
}
remote_state {
  backend = "local"
  config  = { path = "${get_terragrunt_dir()}/${path_relative_to_include()}.tfstate" }
}
inputs = { team = local.team }
