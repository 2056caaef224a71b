# moto forgets which origin access control an origin has.

resource "aws_cloudfront_origin_access_control" "cdn_site" {
  name                              = "cdn-site"
  description                       = "The site's"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "cdn_site" {
  enabled             = true
  comment             = "The site"
  aliases             = ["www.cdn.example.org", "cdn.example.org"]
  default_root_object = "index.html"
  price_class         = "PriceClass_100"
  is_ipv6_enabled     = true
  wait_for_deployment = false
  tags                = { Team = "shop" }

  origin {
    origin_id                = "site"
    domain_name              = "cdn-site.s3.us-east-1.amazonaws.com"
    origin_path              = "/current"
    custom_header {
      name  = "X-Origin-Key"
      value = "not-for-reports-either"
    }
  }
  origin {
    origin_id   = "api"
    domain_name = "api.example.org"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    compress               = true
    min_ttl                = 0
    default_ttl            = 3600
    max_ttl                = 86400
    forwarded_values {
      query_string = false
      headers      = ["Origin"]
      cookies {
        forward = "none"
      }
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
  restrictions {
    geo_restriction {
      restriction_type = "whitelist"
      locations        = ["DE", "FR"]
    }
  }
}
