"""All that is known of Amazon Web Services."""

from __future__ import annotations

from providers.aws.provider import AwsProvider

__all__ = ["AwsProvider"]
