"""Kubernetes manifests of a scheduler and its workers, for a person to look at and apply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from drift import __version__
from drift.errors import ConfigError, DriftError
from drift.moment import now
from drift.objects import checked, is_url
from drift.redaction import KEY_VARIABLE

PORT = 8786
_TLS = "/etc/drift/tls"
_NAME = "app.kubernetes.io/name"
_PART = "app.kubernetes.io/component"
_RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_USER = 65532
_NAMED = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
#: What a scheduler and workers that only drift uses need not do: Dask looks every few milliseconds at what
#: its threads do, how late its loop is, and how much memory there is. Source:
#: https://docs.dask.org/en/stable/configuration.html#distributed-worker.
SPARING = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__MONITOR_INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "5s",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made. ``tls`` names a Secret with ``ca.crt``, ``tls.crt`` and ``tls.key`` that is there;
    empty: one is made, of an authority whose key is kept nowhere, for so many ``days``. ``claim`` is a volume
    that many pods mount, at ``shared``, unless that is the URL of an object store; ``key_secret`` a Secret
    with the redaction key; ``scanner`` the label
    ``app.kubernetes.io/name`` of the pods that run `drift scan`."""

    namespace: str
    workers: int
    image: str
    claim: str
    shared: str
    key_secret: str
    tls: str = ""
    days: int = 90
    scanner: str = "drift"
    account: str = "drift-worker"

    def __post_init__(self) -> None:
        """Raises ConfigError for what Kubernetes would refuse of it, or mount nowhere."""
        for option, said, longest in (
            ("--namespace", self.namespace, 63),
            ("--claim", self.claim, 253),
            ("--key-secret", self.key_secret, 253),
            ("--tls-secret", self.tls or "none", 253),
            ("--scanner", self.scanner, 63),
        ):
            if len(said) > longest or not _NAMED.fullmatch(said):
                raise ConfigError(
                    f"{option}: {said!r} is no name in Kubernetes: small letters, digits, '-' and '.', "
                    f"at most {longest}"
                )
        if is_url(self.shared) or "://" in self.shared:
            checked(self.shared)
        elif not self.shared.startswith("/") or ":" in self.shared:
            raise ConfigError(
                f"--shared: {self.shared!r} is neither an absolute path, where the volume is mounted, nor an "
                f"object store (s3://BUCKET/FOLDER)"
            )

    @property
    def secret(self) -> str:
        """The Secret with the certificates."""
        return self.tls or "drift-engine-tls"


def manifests(wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The objects, in the order in which they can be applied."""
    for name in ("drift-scheduler", wanted.account):
        account = _object(wanted, "v1", "ServiceAccount", name)
        yield {**account, "automountServiceAccountToken": False}
    if not wanted.tls:
        secret = _object(wanted, "v1", "Secret", wanted.secret)
        yield {**secret, "type": "kubernetes.io/tls", "stringData": _certificates(wanted)}
    service = _object(wanted, "v1", "Service", "drift-scheduler")
    ports = [{"name": "scheduler", "port": PORT, "targetPort": PORT}]
    yield {**service, "spec": {"selector": _labels("scheduler"), "ports": ports}}
    yield _deployment(wanted, "scheduler", 1, "drift-scheduler", _scheduler(wanted), [])
    yield _deployment(wanted, "worker", wanted.workers, wanted.account, _worker(wanted), _volumes(wanted))
    yield from _policies(wanted)


def configuration(wanted: Wanted) -> dict[str, Any]:
    """What drift.yaml says of it, where the Secret and the volume are mounted likewise."""
    return {
        "engine": {
            "dask": f"tls://drift-scheduler.{wanted.namespace}.svc:{PORT}",
            "ca": f"{_TLS}/ca.crt",
            "certificate": f"{_TLS}/tls.crt",
            "key": f"{_TLS}/tls.key",
            "shared": wanted.shared,
        }
    }


def _object(wanted: Wanted, api: str, kind: str, name: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "drift", "app.kubernetes.io/version": __version__}
    metadata = {"name": name, "namespace": wanted.namespace, "labels": labels}
    return {"apiVersion": api, "kind": kind, "metadata": metadata}


def _labels(part: str) -> dict[str, str]:
    return {_NAME: "drift-engine", _PART: part}


def _tls_options() -> list[str]:
    return [
        "--tls-ca-file",
        f"{_TLS}/ca.crt",
        "--tls-cert",
        f"{_TLS}/tls.crt",
        "--tls-key",
        f"{_TLS}/tls.key",
    ]


def _scheduler(wanted: Wanted) -> dict[str, Any]:
    command = [
        "dask",
        "scheduler",
        "--protocol",
        "tls",
        "--port",
        str(PORT),
        "--no-dashboard",
        *_tls_options(),
    ]
    return {
        "command": command,
        "env": _sparing(),
        "ports": [{"containerPort": PORT}],
        "readinessProbe": {"tcpSocket": {"port": PORT}},
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    }


def _worker(wanted: Wanted) -> dict[str, Any]:
    address = f"tls://drift-scheduler.{wanted.namespace}.svc:{PORT}"
    command = ["dask", "worker", address, "--nthreads", "4", "--no-nanny", "--no-dashboard", *_tls_options()]
    key = {"name": wanted.key_secret, "key": KEY_VARIABLE}
    mounts = [] if is_url(wanted.shared) else [{"name": "shared", "mountPath": wanted.shared}]
    return {
        "command": [*command, "--local-directory", "/tmp"],  # noqa: S108 - a volume of the pod's own
        "env": [{"name": KEY_VARIABLE, "valueFrom": {"secretKeyRef": key}}, *_sparing()],
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
        "volumeMounts": mounts,
    }


def _sparing() -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in SPARING.items()]


def _volumes(wanted: Wanted) -> list[dict[str, Any]]:
    if is_url(wanted.shared):
        return []
    return [{"name": "shared", "persistentVolumeClaim": {"claimName": wanted.claim}}]


def _deployment(
    wanted: Wanted,
    part: str,
    replicas: int,
    account: str,
    container: dict[str, Any],
    volumes: list[dict[str, Any]],
) -> dict[str, Any]:
    mounts = [{"name": "tls", "mountPath": _TLS, "readOnly": True}, {"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108
    whole = {
        "name": part,
        "image": wanted.image,
        "securityContext": _RESTRICTED,
        **container,
        "volumeMounts": [*mounts, *container.get("volumeMounts", ())],
    }
    secret = {"name": "tls", "secret": {"secretName": wanted.secret, "defaultMode": 0o440}}
    user = {"runAsNonRoot": True, "runAsUser": _USER, "runAsGroup": _USER, "fsGroup": _USER}
    pod = {
        "serviceAccountName": account,
        "securityContext": {**user, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [whole],
        "volumes": [secret, {"name": "tmp", "emptyDir": {}}, *volumes],
    }
    template = {"metadata": {"labels": _labels(part)}, "spec": pod}
    spec = {"replicas": replicas, "selector": {"matchLabels": _labels(part)}, "template": template}
    return {**_object(wanted, "apps/v1", "Deployment", f"drift-{part}"), "spec": spec}


def _policies(wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Who may reach whom: the scheduler its workers and who scans; a worker the scheduler alone."""
    scanner = {"podSelector": {"matchLabels": {_NAME: wanted.scanner}}}
    scheduler, worker = ({"podSelector": {"matchLabels": _labels(one)}} for one in ("scheduler", "worker"))
    port = [{"port": PORT, "protocol": "TCP"}]
    dns = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
    rules: list[tuple[str, dict[str, Any]]] = [
        (
            "scheduler",
            {
                "policyTypes": ["Ingress", "Egress"],
                "ingress": [{"from": [worker, scanner], "ports": port}],
                "egress": [{"to": [worker]}, dns],
            },
        ),
        ("worker", {"policyTypes": ["Ingress"], "ingress": [{"from": [scheduler]}]}),
    ]
    for part, rule in rules:
        policy = _object(wanted, "networking.k8s.io/v1", "NetworkPolicy", f"drift-{part}")
        yield {**policy, "spec": {"podSelector": {"matchLabels": _labels(part)}, **rule}}


def _certificates(wanted: Wanted) -> dict[str, str]:
    """A new authority, and the one certificate that all show each other, signed by it. Raises DriftError."""
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError as error:
        raise DriftError(f"engine: {error.name} is missing: pip install 'driftline[dask]'") from error
    begins = now()
    authority = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "drift engine authority")])
    signer, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    host = f"drift-scheduler.{wanted.namespace}.svc"
    hosts = [x509.DNSName(one) for one in ("drift-scheduler", host.removesuffix(".svc"), host)]

    def signed(name: x509.Name, key: Any, *more: tuple[Any, bool]) -> str:
        made = x509.CertificateBuilder().subject_name(name).issuer_name(authority)
        made = made.public_key(key).serial_number(x509.random_serial_number())
        made = made.not_valid_before(begins - timedelta(hours=1))
        made = made.not_valid_after(begins + timedelta(days=wanted.days))
        for extension, critical in more:
            made = made.add_extension(extension, critical=critical)
        certificate = made.sign(signer, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    ca = (x509.BasicConstraints(ca=True, path_length=0), True)
    leaf = (x509.BasicConstraints(ca=False, path_length=None), True)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "drift-engine")])
    key = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "ca.crt": signed(authority, signer.public_key(), ca),
        "tls.crt": signed(subject, own.public_key(), leaf, (x509.SubjectAlternativeName(hosts), False)),
        "tls.key": key.decode(),
    }
