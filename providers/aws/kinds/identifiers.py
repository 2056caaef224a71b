"""Names and words that a service rewrites: RDS lowers them, Route 53 escapes them, SES has two spellings."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.names import ascii_lower, escaped_name


def _lowercase_identifier(value: Any, context: Context) -> Canonical:
    """An identifier that its service stores in lower case.

    Source: CreateDBInstance, "Constraints: … this parameter is stored as a lowercase string".
    """
    return ascii_lower(value) if isinstance(value, str) else value


def _route53_name(value: Any, context: Context) -> Canonical:
    r"""A DNS name as Route 53 knows it: no letter case, no trailing dot, escapes such as ``\052`` and
    ``\100`` decoded.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html. An escaped dot
    stays one: it is part of a label, not its end.
    """
    return escaped_name(value) if isinstance(value, str) else value


def _word(value: Any, context: Context) -> Canonical:
    """A word of an enumeration that has two spellings: ``renderingFailure``, ``RENDERING_FAILURE``.

    Source: EventType of the first and of the second version of the Amazon SES API; S3Settings of the AWS DMS
    API (``sse-s3``, ``SSE_S3``).
    """
    return value.replace("_", "").replace("-", "").upper() if isinstance(value, str) else value


def _folder(value: Any, context: Context) -> Canonical:
    """A folder with a slash before it and none behind it.

    Source: ``Subdirectory`` of https://docs.aws.amazon.com/datasync/latest/userguide/API_CreateLocationS3.html.
    """
    return "/" + value.strip("/") if isinstance(value, str) else value


def _comma_list(value: Any, context: Context) -> Canonical:
    """Several values as Terraform writes them, one text joined by commas.

    Source: ``parameters`` of
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ssm_association.
    """
    texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return ",".join(value) if texts else value


def _as_it_is(value: Any, context: Context) -> Canonical:
    return value


def _same_word(declared: Any, live: Any, context: Context) -> bool:
    """Whether a service only spells the word of an enumeration otherwise (``API``, ``Api``)."""
    return (
        isinstance(declared, str)
        and isinstance(live, str)
        and _word(declared, context) == _word(live, context)
    )


LOWERCASE_IDENTIFIER = Kind("lowercase-identifier", _lowercase_identifier)
ROUTE53_NAME = Kind("route53-name", _route53_name)
COMMA_LIST = Kind("comma-list", _comma_list, phase="before")
FOLDER = Kind("folder", _folder)
WORD = Kind("word", _word)
#: Of an enumeration that is written in capitals, so that rules and reports have the words as they are.
CAPITALS = Kind("capitals", _as_it_is, admits=_same_word)
