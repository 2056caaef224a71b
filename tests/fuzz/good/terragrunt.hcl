include "root" {
  path           = find_in_parent_folders("root.hcl")
  expose         = true
  merge_strategy = "deep"
}
terraform {
  source = "."
  extra_arguments "v" {
    commands           = ["plan"]
    arguments          = ["-var", "a=b"]
    optional_var_files = ["x.tfvars"]
  }
}
dependency "b" {
  config_path  = "../b"
  mock_outputs = { name = "mock" }
}
inputs = merge({ name = "a-${include.root.locals.team}" }, { delay = 1e1, other = dependency.b.outputs.name })
