resource "aws_route53_zone" "route53_public" {
  name    = "route53-estate.example"
  comment = "The shop"
  tags    = { Team = "web" }
}

resource "aws_route53_zone" "route53_private" {
  name = "route53-inside.example"

  vpc {
    vpc_id = aws_vpc.main.id
  }
}

resource "aws_route53_record" "route53_www" {
  zone_id = aws_route53_zone.route53_public.zone_id
  name    = "www"
  type    = "A"
  ttl     = 300
  records = ["192.0.2.10", "192.0.2.11"]
}

resource "aws_route53_record" "route53_wildcard" {
  zone_id = aws_route53_zone.route53_public.zone_id
  name    = "*.route53-estate.example"
  type    = "CNAME"
  ttl     = 60
  records = ["www.route53-estate.example"]
}

resource "aws_route53_record" "route53_spf" {
  zone_id = aws_route53_zone.route53_public.zone_id
  name    = ""
  type    = "TXT"
  ttl     = 300
  records = ["v=spf1 -all"]
}

resource "aws_route53_record" "route53_blue" {
  zone_id        = aws_route53_zone.route53_public.zone_id
  name           = "api"
  type           = "CNAME"
  ttl            = 60
  set_identifier = "blue"
  records        = ["blue.example.com"]

  weighted_routing_policy {
    weight = 90
  }
}

resource "aws_route53_record" "route53_green" {
  zone_id        = aws_route53_zone.route53_public.zone_id
  name           = "api"
  type           = "CNAME"
  ttl            = 60
  set_identifier = "green"
  records        = ["green.example.com"]

  weighted_routing_policy {
    weight = 10
  }
}

resource "aws_route53_record" "route53_alias" {
  zone_id = aws_route53_zone.route53_public.zone_id
  name    = "shop"
  type    = "A"

  alias {
    name                   = "d111111abcdef8.cloudfront.net"
    zone_id                = "Z2FDTNDATAQYW2"
    evaluate_target_health = false
  }
}
