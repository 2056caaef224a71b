"""The console password of an IAM user: that there is one, and whether it must be changed."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.registry import KINDS

_boolean = KINDS["boolean"].canonical


def _login_profile(value: Any, context: Context) -> Canonical:
    """A login profile that says whether the password must be reset: where it is silent, it must not.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html. Filled in here,
    not a default: a profile that nobody declared must not be folded away.
    """
    if not isinstance(value, dict) or value.get("PasswordResetRequired") is not None:
        return value
    return {**value, "PasswordResetRequired": False}


def _password_reset(value: Any, context: Context) -> Canonical:
    return _boolean(value, context)


def _admits(declared: Any, live: Any, context: Context) -> bool:
    """A password that was to be changed at first sign-in, and was."""
    return declared is True and live is False


IAM_LOGIN_PROFILE = Kind("iam-login-profile", _login_profile)
PASSWORD_RESET = Kind("password-reset", _password_reset, admits=_admits)
