variable "m" {
  type = map(object({ port = number, cidr = optional(string, "10.0.0.0/8"), tags = optional(map(string)) }))
  default = { ssh = { port = 22 }, web = { port = "443", cidr = "0.0.0.0/0" } }
}
variable "l" {
  type = list(string)
  default = ["b", "a", 3]
}
variable "s" {
  type = set(string)
  default = ["b", "a", "b"]
}
locals {
  n = null
  o = { a = 1, b = { c = [1, 2, { d = "x" }] } }
}
locals {
h1 = <<EOT
a
  b ${local.o.a}
%{ for x in [1, 2] ~}
line ${x}
%{ endfor ~}
end
EOT
h2 = <<-EOT
    one
      two
    three
  EOT
h3 = <<-EOT
    %{ if true }
      yes
    %{ endif }
    x
  EOT
h4 = <<-EOT

    a

      ${local.o.a}
    b \n $${c}
    EOT
}
