"""Charts of Helm repositories and OCI registries, fetched by ``helm`` where the entry's ``fetch`` allows it,
and kept: what was fetched once is there without a network."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

from platformdirs import user_cache_path

from drift import processes, temporary
from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.source import Location
from providers.kubernetes import declared_run
from providers.kubernetes.declared_charts import Chart
from providers.kubernetes.engines.trees import NotFollowed, Trees
from providers.kubernetes.helm_template import binary

#: A version that names one chart, and no range of them. Source: semver.org.
_EXACT = re.compile(r"v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Charts:
    """All charts of one entry. ``cache`` is where they are kept."""

    def __init__(self, trees: Trees, deadline: Deadline, cache: Path | None = None) -> None:
        self.trees, self.deadline = trees, deadline
        self.cache = (cache or user_cache_path("drift")) / "charts"
        self._known: dict[tuple[str, str, str], Path] = {}
        self._locks: dict[tuple[str, str, str], threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, url: str, name: str, version: str) -> Chart:
        """A chart of a repository (``https://…``) or registry (``oci://…``, without the chart's name).
        ``version`` is one or a range; of a range what fits it best when it was fetched last is kept.

        Raises NotFollowed where it may not be fetched and is not kept, DeclaredError in helm's words.
        """
        if not _NAME.fullmatch(name) or url.startswith("-") or version.startswith("-"):
            raise DeclaredError(f"{name!r} of {url!r} at {version!r} is no chart's name and version")
        asked = (url.rstrip("/"), name, version)
        with self._lock:
            lock = self._locks.setdefault(asked, threading.Lock())
        with lock:
            if asked not in self._known:
                self._known[asked] = self._kept(*asked)
            path = self._known[asked]
        display = f"{asked[0]}/{name}" + (f" {version}" if version else "")
        return Chart.of(Location(path, display))

    @staticmethod
    def home(cache: Path, url: str, name: str, version: str) -> Path:
        """The folder of a cache where a chart is kept."""
        return cache / hashlib.sha256(f"{url}\0{name}\0{version}".encode()).hexdigest()[:24]

    def _kept(self, url: str, name: str, version: str) -> Path:
        home = self.home(self.cache, url, name, version)
        found = next(iter(sorted(home.glob("*.tgz"))), None) if home.is_dir() else None
        if found is not None and (_EXACT.fullmatch(version) or not self._allowed(url, name)):
            return found
        if not self._allowed(url, name):
            raise self.trees.refuse(f"{url}/{name}")
        try:
            return self._pulled(url, name, version, home)
        except DeclaredError as error:
            if found is None:
                raise
            older = f"{found.name}, which was kept, may be older than what fits it best now"
            raise DeclaredError(f"{error}; {older}") from error

    def _allowed(self, url: str, name: str) -> bool:
        return self.trees.allows(f"{url}/{name}") or self.trees.allows(url)

    def _pulled(self, url: str, name: str, version: str, home: Path) -> Path:
        with temporary.passing() as folder:
            command = [binary(), "pull"]
            command += [f"{url}/{name}"] if url.startswith("oci://") else [name, "--repo", url]
            command += ["--version", version] if version else []
            command += ["--destination", str(folder)]
            own = {"HELM_CACHE_HOME": str(folder / "cache")}
            try:
                declared_run.run(command, own, self.deadline)
            except declared_run.Failed as error:
                raise DeclaredError(f"{url}/{name} {version}: helm can't fetch it: {error}") from error
            found = next(iter(sorted(folder.glob("*.tgz"))), None)
            if found is None:
                raise DeclaredError(f"{url}/{name} {version}: helm fetched no chart")
            if found.stat().st_size > processes.MAX_BYTES:
                raise DeclaredError(f"{url}/{name} {version}: is larger than any chart")
            home.mkdir(parents=True, exist_ok=True)
            for old in home.glob("*.tgz"):
                old.unlink(missing_ok=True)
            beside = home / f".{found.name}.part"
            beside.write_bytes(found.read_bytes())
            return beside.rename(home / found.name)


__all__ = ["Charts", "NotFollowed"]
