terraform {
  backend "local" { path = "nowhere.tfstate" }
}
variable "names" {
  type    = map(object({ delay = optional(number, 5), tags = map(string) }))
  default = { jobs = { tags = { a = "b" } } }
}
locals {
  prefix  = replace(lower("SHOP--x"), "/-+/", "-")
  parts   = [for one in regexall("[a-z]+", local.prefix) : upper(one) if one != "x"]
  policy  = jsonencode({ Version = "2012-10-17", Statement = [] })
  written = try(file("${path.module}/main.tf"), "none")
  zones   = cidrsubnets("10.0.0.0/16", 4, 4)
}
resource "aws_sqs_queue" "jobs" {
  for_each      = var.names
  name          = format("%s-%02d", each.key, length(local.parts))
  delay_seconds = each.value.delay > 3 ? each.value.delay : 3
  tags          = merge(each.value.tags, { for i, one in local.zones : "zone${i}" => one })
  policy        = <<-EOT
    %{if length(local.parts) > 0~}
    ${local.policy}
    %{endif~}
  EOT
}
resource "aws_security_group" "web" {
  count = 2
  name  = "web-${count.index}"
  dynamic "ingress" {
    for_each = toset(["80", "443"])
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = local.zones
    }
  }
}
output "urls" { value = [for one in aws_sqs_queue.jobs : one.url] }
