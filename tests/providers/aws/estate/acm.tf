# moto takes the first of the names for the domain and issues a certificate after a while.

resource "aws_acm_certificate" "acm_shop" {
  domain_name               = "shop.acm.example.org"
  subject_alternative_names = ["www.shop.acm.example.org", "api.shop.acm.example.org"]
  validation_method         = "DNS"
  tags                      = { Team = "shop" }
}
