"""What Terraform's provider makes of a distribution's arguments."""

from __future__ import annotations

from providers.aws.hooks.cloudfront import terraform_distribution


def test_an_error_that_is_kept_for_as_long_as_nobody_says_is_kept_for_no_time() -> None:
    said = [
        {"error_code": 403, "error_caching_min_ttl": None, "response_code": 0, "response_page_path": ""},
        {"error_code": 404, "error_caching_min_ttl": 0},
        {"error_code": 500, "error_caching_min_ttl": 60},
    ]
    made = terraform_distribution({"custom_error_response": said})["DistributionConfig"]
    assert made["CustomErrorResponses"] == [
        {"ErrorCode": 403, "ErrorCachingMinTTL": 0},
        {"ErrorCode": 404, "ErrorCachingMinTTL": 0},
        {"ErrorCode": 500, "ErrorCachingMinTTL": 60},
    ]
