resource "aws_wafv2_ip_set" "waf_office" {
  name               = "waf-office"
  description        = "The office"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = ["192.0.2.0/24", "198.51.100.7/32"]
  tags               = { Team = "security" }
}

resource "aws_wafv2_regex_pattern_set" "waf_admin" {
  name  = "waf-admin"
  scope = "REGIONAL"
  regular_expression {
    regex_string = "^/admin"
  }
  regular_expression {
    regex_string = "^/manage"
  }
}

resource "aws_wafv2_rule_group" "waf_group" {
  name     = "waf-group"
  scope    = "REGIONAL"
  capacity = 50
  rule {
    name     = "countries"
    priority = 0
    action {
      block {}
    }
    statement {
      geo_match_statement {
        country_codes = ["KP", "AQ"]
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "countries"
      sampled_requests_enabled   = true
    }
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "group"
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl" "waf_shop" {
  name        = "waf-shop"
  description = "The shop's"
  scope       = "REGIONAL"
  tags        = { Team = "shop" }

  default_action {
    allow {}
  }

  rule {
    name     = "common"
    priority = 0
    override_action {
      none {}
    }
    statement {
      managed_rule_group_statement {
        name        = "AWSManagedRulesCommonRuleSet"
        vendor_name = "AWS"
        rule_action_override {
          name = "SizeRestrictions_BODY"
          action_to_use {
            count {}
          }
        }
        scope_down_statement {
          not_statement {
            statement {
              ip_set_reference_statement {
                arn = aws_wafv2_ip_set.waf_office.arn
              }
            }
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "common"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "rate"
    priority = 1
    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "slow"
        }
      }
    }
    statement {
      rate_based_statement {
        limit              = 2000
        aggregate_key_type = "IP"
        scope_down_statement {
          and_statement {
            statement {
              byte_match_statement {
                search_string         = "/login"
                positional_constraint = "STARTS_WITH"
                field_to_match {
                  uri_path {}
                }
                text_transformation {
                  priority = 0
                  type     = "LOWERCASE"
                }
              }
            }
            statement {
              regex_pattern_set_reference_statement {
                arn = aws_wafv2_regex_pattern_set.waf_admin.arn
                field_to_match {
                  single_header {
                    name = "host"
                  }
                }
                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }
    rule_label {
      name = "shop:slow"
    }
    visibility_config {
      cloudwatch_metrics_enabled = false
      metric_name                = "rate"
      sampled_requests_enabled   = false
    }
  }

  custom_response_body {
    key          = "slow"
    content      = "Slowly"
    content_type = "TEXT_PLAIN"
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "shop"
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "waf_shop" {
  resource_arn = aws_lb.rich.arn
  web_acl_arn  = aws_wafv2_web_acl.waf_shop.arn
}

resource "aws_wafv2_web_acl_logging_configuration" "waf_shop" {
  resource_arn            = aws_wafv2_web_acl.waf_shop.arn
  log_destination_configs = ["arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-shop"]
  redacted_fields {
    single_header {
      name = "authorization"
    }
  }
  logging_filter {
    default_behavior = "KEEP"
    filter {
      behavior    = "DROP"
      requirement = "MEETS_ANY"
      condition {
        action_condition {
          action = "ALLOW"
        }
      }
    }
  }
}
