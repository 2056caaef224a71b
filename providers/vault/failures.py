"""Says what an error of Vault means, in one sentence for people, and whether it may pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from hvac import exceptions

from drift.deadline import Cut, Passed
from drift.secret import SecretError

#: What is refused to a token that is good.
NOT_ALLOWED = (
    "no permission: the policy of the token does not let it read this path, or it is in another namespace"
)
#: What Vault answers (https://developer.hashicorp.com/vault/api-docs#http-status-codes) → what it means, and
#: whether it may pass.
_MEANS: tuple[tuple[type[Exception], str, bool], ...] = (
    (
        exceptions.VaultDown,
        "the server is sealed, or in maintenance; unseal it (`vault operator unseal`)",
        True,
    ),
    (exceptions.VaultNotInitialized, "the server is not initialised (`vault operator init`)", False),
    (exceptions.RateLimitExceeded, "the server refuses more calls for now: a quota of it is used up", True),
    (exceptions.BadGateway, "a server behind Vault did not answer as it should", True),
    (exceptions.InternalServerError, "the server failed; its own log says why", True),
    (exceptions.UnsupportedOperation, "nothing can be read there; correct the path", False),
    (
        exceptions.InvalidPath,
        "there is nothing at this path; correct it (of KV version 2 leave out `data/`)",
        False,
    ),
    (exceptions.Forbidden, NOT_ALLOWED, False),
    (exceptions.Unauthorized, "the token is not valid", False),
    (exceptions.InvalidRequest, "the server does not take the request; correct the path", False),
)


#: What a login is refused with, instead of what the same means for a path.
REFUSED = (
    "the login was refused: the role is not there, or what is given for it is not what the server takes; its "
    "own log says why"
)
_BY_LOGIN = (exceptions.InvalidRequest, exceptions.Forbidden, exceptions.Unauthorized, exceptions.InvalidPath)


@contextmanager
def refused() -> Iterator[None]:
    """Within it a login that is refused is a SecretError; for :func:`told` all else is."""
    try:
        yield
    except _BY_LOGIN:
        raise SecretError(REFUSED) from None


@contextmanager
def told(where: str, doing: str = "", but: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Within it what Vault answers is a SecretError; ``where`` is the server's address, and ``doing`` how
    messages begin: what was not possible; ``but`` is an error that stays as it is. None of the library's
    texts are repeated: they hold paths."""
    try:
        yield
    except but:
        raise
    except (exceptions.VaultError, requests.exceptions.RequestException, Cut) as error:
        raise _said(error, where, doing) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # what was answered is no document
        begin = f"{doing}: " if doing else ""
        what = f"what was answered is nothing that Vault answers ({type(error).__name__})"
        raise SecretError(f"{begin}{where}: {what}; there may be something else at this address") from None


def _said(error: Exception, where: str, doing: str) -> SecretError:
    """An error of the library in words."""
    begin = f"{doing}: " if doing else ""
    if isinstance(error, Passed):
        return SecretError(f"{begin}{where} did not answer in time")
    if isinstance(error, Cut):
        return SecretError(f"{begin}{where}: {error.why}")
    if isinstance(error, requests.exceptions.SSLError):
        if "WRONG_VERSION_NUMBER" in str(error):  # OpenSSL's word for an answer without TLS
            return SecretError(f"{begin}{where}: it speaks no TLS there; correct the address")
        return SecretError(f"{begin}{where}: its certificate is not trusted; give `ca` (VAULT_CACERT)")
    if isinstance(error, requests.exceptions.Timeout):
        return SecretError(f"{begin}{where} did not answer in time", temporary=True)
    if isinstance(error, requests.exceptions.RequestException):
        return SecretError(f"{begin}{where} can't be reached", temporary=True)
    for kind, means, passes in _MEANS:
        if isinstance(error, kind):
            return SecretError(f"{begin}{means}", temporary=passes)
    return SecretError(f"{begin}{where}: an answer that is none of Vault's")
