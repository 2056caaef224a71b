"""Values of drift.yaml that are kept elsewhere: which texts refer to one, and what each is, looked up when it
is needed."""

from __future__ import annotations

from drift.secrets.guest import farewell, guests, sent
from drift.secrets.keyring import Keyring, end_all
from drift.secrets.reference import Part, Reference, misspelt, parts
from drift.secrets.settled import settled
from drift.secrets.within import within

__all__ = [
    "Keyring",
    "Part",
    "Reference",
    "end_all",
    "farewell",
    "guests",
    "misspelt",
    "parts",
    "sent",
    "settled",
    "within",
]
