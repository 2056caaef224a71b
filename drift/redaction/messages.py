"""Messages as they may be told: without what logs in at an address, and what says that it is a secret."""

from __future__ import annotations

import re
from functools import lru_cache

from drift.redaction.guess import said

#: What is said in place of a secret in a message.
HIDDEN = "(secret)"
#: In addresses of Azure's storage what stands before the `@` is a container, and no login.
_CONTAINER = "".join(f"(?<!{scheme}://)" for scheme in ("abfs", "abfss", "wasb", "wasbs"))
_USERINFO = re.compile(
    _CONTAINER + r"(?<=://)[^/\s'\"@]+@|(?<=://)[^/\s'\":@]*:(?!\d*(?:[/\s'\"]|$))[^\s'\"]*@"
)
_QUERY = re.compile(
    r"(?i)([?&;](?:[\w.-]*(?:token|key|secret|password|passwd|pwd|signature|credential|code|auth)[\w.-]*|sig|se|sp)=)[^&\s'\"#;]+"
)


@lru_cache(maxsize=4096)  # a ledger says the same of very many cells
def told(message: str) -> str:
    """A message of a cloud, a library or a file without its secrets; what it says besides stays."""
    text = _QUERY.sub(rf"\1{HIDDEN}", _USERINFO.sub("", message))
    for part in sorted({one.strip("\"'`,;") for one in said(text)}, key=len, reverse=True):
        if len(part) >= 3 and HIDDEN not in part:
            text = text.replace(part, HIDDEN)
    return text
