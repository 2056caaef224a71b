"""What a Helm chart is: a folder or an archive, its name, and whether its templates read the clock."""

from __future__ import annotations

import hashlib
import posixpath
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from drift import reading, temporary
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from drift.source import Location
from providers.kubernetes.declared_folders import CHART, is_chart

ARCHIVES = (".tgz", ".tar.gz")
#: Larger than charts' own files are.
_MAX_FILE = 8 * 1024 * 1024
_MAX_NESTED = 5
_CLOCK = re.compile(rb"\bnow\b")
#: What gives another value at each render; `keys` and `values` of a map come in any order, `.Values` is no
#: function. Source: masterminds.github.io/sprig; helm.sh, "Template Function List".
_CHANCE = re.compile(
    rb"\b(?:rand[A-Z]\w*|uuidv4|gen[A-Z]\w*|bcrypt|htpasswd|encryptAES|shuffle|keys|values|getHostByName)\b"
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart on disk. ``path`` is what ``helm`` takes, ``display`` how people call it."""

    path: Path
    display: str
    name: str

    @classmethod
    def of(cls, location: Location) -> Chart:
        """Raises DeclaredError where there is no chart, or its Chart.yaml is broken."""
        path, display = location.path, location.display
        if path.name == CHART:
            path, display = path.parent, display.removesuffix(CHART).rstrip("/") or "."
        if path.is_dir():
            file = f"{display}/{CHART}"
            content = reading.content(path / CHART, file)
        else:
            file = f"{display}: {CHART}"
            content = _inside(path, display, PurePosixPath(CHART)) or b""
        return cls(path, display, _name(content, file))

    def member(self, name: str) -> Path:
        """A file of the chart, by its path in it; of an archive a copy. Raises DeclaredError."""
        if self.path.is_dir():
            found = self.path / name
            if found.is_file() and found.resolve().is_relative_to(self.path.resolve()):
                return found
        else:
            content = _inside(self.path, self.display, PurePosixPath(posixpath.normpath(name)))
            if content is not None:
                told = hashlib.sha256(content).hexdigest()[:24]
                copy = temporary.home() / "members" / f"{told}-{PurePosixPath(name).name}"
                copy.parent.mkdir(exist_ok=True)
                copy.write_bytes(content)
                return copy
        raise DeclaredError(f"there is no {name} in the chart {self.display}")

    def reads_the_clock(self) -> bool:
        """Whether a template, of the chart or of one that it brings along, may ask for the time."""
        return any(_CLOCK.search(content) for content in self._templates())

    def takes_chances(self) -> bool:
        """Whether a template may render otherwise the next time, whatever the time."""
        return any(takes_chances(content) for content in self._templates())

    def files(self) -> Iterator[Path]:
        """All that is in a chart's folder, at any depth, in order; nothing of an archive."""
        return iter(sorted(self.path.rglob("*")))

    def _templates(self) -> Iterator[bytes]:
        if not self.path.is_dir():
            with self.path.open("rb") as stream:
                yield from _templates_in(stream, 0)
            return
        for file in self.files():
            if not file.is_file():
                continue
            if file.name.endswith(ARCHIVES):
                with file.open("rb") as stream:
                    yield from _templates_in(stream, 0)
            elif "templates" in file.relative_to(self.path).parts or file.name.startswith("values"):
                yield file.read_bytes()[:_MAX_FILE]


def takes_chances(template: bytes) -> bool:
    """Whether a text that is a template may render otherwise the next time, whatever the time."""
    return bool(_CHANCE.search(template))


def is_archive(path: Path, head: bytes) -> bool:
    """Whether a file is a packaged chart."""
    if not path.name.endswith(ARCHIVES) or not head.startswith(b"\x1f\x8b"):
        return False
    try:
        with tarfile.open(path, "r:gz") as archive:
            return any(_is_root_chart(member.name) for member in archive)
    except (OSError, EOFError, tarfile.TarError):
        return False


def is_chart_folder(path: Path) -> bool:
    """Whether a folder is a chart; False where it can't be read."""
    try:
        return is_chart(path)
    except OSError:
        return False


def _is_root_chart(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return len(parts) == 2 and parts[1] == CHART


def _inside(path: Path, display: str, name: PurePosixPath) -> bytes | None:
    """A file of a packaged chart; None where there is none. Raises DeclaredError, also where it is none."""
    charts = False
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                charts = charts or _is_root_chart(member.name)
                parts = PurePosixPath(member.name).parts
                stream = archive.extractfile(member) if parts[1:] == name.parts and len(parts) > 1 else None
                if stream is not None:
                    return stream.read(_MAX_FILE)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise DeclaredError(f"{display}: the chart archive can't be read: {error}") from error
    if charts:
        return None
    raise DeclaredError(f"{display}: is no chart archive: there is no {CHART} in its folder")


def _name(content: bytes, file: str) -> str:
    try:
        said = load(content)
    except YamlError as error:
        raise DeclaredError(f"{error.at(file)}: {'is ' if error.syntax else ''}{error}") from error
    name = said.get("name") if isinstance(said, dict) else None
    if not isinstance(name, str) or not name:
        raise DeclaredError(f"{file}: is no Helm chart: it has no name")
    return name


def _templates_in(stream: object, depth: int) -> Iterator[bytes]:
    try:
        with tarfile.open(fileobj=stream, mode="r:gz") as archive:  # type: ignore[call-overload]
            for member in archive:
                parts = PurePosixPath(member.name).parts
                opened = archive.extractfile(member) if member.isfile() else None
                if opened is None:
                    continue
                if member.name.endswith(ARCHIVES) and depth < _MAX_NESTED:
                    yield from _templates_in(opened, depth + 1)
                elif "templates" in parts or parts[-1].startswith("values"):
                    yield opened.read(_MAX_FILE)
    except (OSError, EOFError, tarfile.TarError):
        return
