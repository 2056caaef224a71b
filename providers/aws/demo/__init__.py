"""The AWS part of `drift demo`: the estate of a small company in a loopback AWS, and what happens to it at
night."""

from __future__ import annotations

from providers.aws.demo.larkspur import AwsDemo

__all__ = ["AwsDemo"]
