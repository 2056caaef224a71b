"""Whether the certificates that a configuration names can be right, before anybody is shown one."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from drift.config.engine import Engine
from drift.moment import now

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def wrong(said: Engine) -> dict[str, list[str]]:
    """What is wrong with them, by the key of the section."""
    found = {
        key: [f"{path}: there is no such file, or it can't be read"]
        for key in ("ca", "certificate", "key")
        if not _readable(path := Path(str(getattr(said, key))))
    }
    return found or _unfit(Path(str(said.ca)), Path(str(said.certificate)), Path(str(said.key)))


def days(said: Engine) -> float:
    """For how many days what this machine shows still holds."""
    from cryptography.x509 import load_pem_x509_certificates

    own = load_pem_x509_certificates(Path(str(said.certificate)).read_bytes())[0]
    return (own.not_valid_after_utc - now()).total_seconds() / 86_400


def _readable(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError:
        return False
    return True


def _unfit(ca: Path, certificate: Path, key: Path) -> dict[str, list[str]]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificates

    try:
        authorities = load_pem_x509_certificates(ca.read_bytes())
    except ValueError:
        return {"ca": [f"{ca}: is no certificate in PEM"]}
    try:
        own, *between = load_pem_x509_certificates(certificate.read_bytes())
    except ValueError:
        return {"certificate": [f"{certificate}: is no certificate in PEM"]}
    found: dict[str, list[str]] = defaultdict(list)
    for name, path, one in (("ca", ca, authorities[0]), ("certificate", certificate, own)):
        if why := _untimely(one):
            found[name].append(f"{path}: {why}")
    if not any(_issued(own, one) for one in (*authorities, *between)):
        found["certificate"].append(f"{certificate}: is not signed by the authority of engine.ca")
    try:
        mine = load_pem_private_key(key.read_bytes(), None)
    except TypeError:
        found["key"].append(f"{key}: is encrypted; give one without a password")
    except (ValueError, UnsupportedAlgorithm):
        found["key"].append(f"{key}: is no private key in PEM")
    else:
        if mine.public_key() != own.public_key():
            found["key"].append(f"{key}: is not the key of engine.certificate")
    return dict(found)


def _untimely(one: Certificate) -> str:
    """Why a certificate does not hold now; empty where it does."""
    if one.not_valid_after_utc < now():
        return f"ended on {one.not_valid_after_utc:%Y-%m-%d at %H:%M UTC}; make a new one"
    if one.not_valid_before_utc > now():
        return f"begins on {one.not_valid_before_utc:%Y-%m-%d at %H:%M UTC}; is this machine's clock right?"
    return ""


def _issued(one: Certificate, by: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        one.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
