"""Every reader with good files of its own. Each reads as the command line does; what is bad it refuses as a
DriftError, in one line, or tells as problems of a report that can be written."""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import zstandard

from drift import plugins
from drift.config.model import Config, load, parse
from drift.errors import DriftError
from drift.model import Origin
from drift.report import runs
from drift.report.explain import explain
from drift.rules.codeowners import CodeOwners
from drift.scan import Run
from drift.source import Location
from providers.kubernetes import kustomize
from providers.kubernetes.declared_charts import Chart, is_archive

Read = Callable[[Path], None]
SUBSCRIPTION = "3f8a1c52-7b1e-4f60-9d2a-0b6c4e8d7a11"


@dataclass(frozen=True, slots=True)
class Reader:
    """``good`` files by name, of which one is made bad (``bad``), and how they are read, in their folder."""

    good: dict[str, bytes]
    bad: str
    read: Read
    pack: Callable[[bytes], bytes] = bytes


def write(reader: Reader, content: bytes, folder: Path) -> None:
    """The reader's files in an empty folder, with ``content`` in the place of the bad one."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, good in {**reader.good, reader.bad: reader.pack(content)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(good)


def read(reader: Reader, folder: Path) -> bool:
    """Whether the files are taken. Raises whatever is no DriftError of one line."""
    try:
        reader.read(folder)
    except DriftError as error:
        message = str(error)
        assert message.strip(), "an error without words"
        assert len(message) < 20_000, "an error that nobody reads"
        message.encode()
        return False
    return True


def _scan(folder: Path, said: str = "path: declared, scope: '111122223333', region: eu-west-1") -> None:
    """A whole run over files, and its reports."""
    config = parse(f"version: 1\ndeclared: [{{{said}}}]", "drift.yaml", folder, None, {})
    _judged(config, folder)


def _judged(config: Config, folder: Path) -> None:
    live = [next(folder.glob("live.*"))]
    result = Run(config, live=live).scan()
    runs.write(folder / "out", result.report, (), result.evidence)


def _config(folder: Path) -> None:
    _judged(load(folder / "drift.yaml", "staging", {}), folder)


def _owners(folder: Path) -> None:
    location = Location(folder / "declared", "declared", root=folder)
    for name in ("a.yaml", "x/b.md"):
        CodeOwners([location]).of(Origin("test", f"declared/{name}"))


def _chart(folder: Path) -> None:
    found = Chart.of(Location(folder / "declared", "declared"))
    found.reads_the_clock()


def _archive(folder: Path) -> None:
    file = folder / "chart.tgz"
    is_archive(file, file.read_bytes())
    Chart.of(Location(file, "chart.tgz")).reads_the_clock()


def _kustomize(folder: Path) -> None:
    for file, entry in kustomize._remote(folder / "declared", frozenset()):
        kustomize._line_of(file, entry)


def _report(folder: Path) -> None:
    report = runs.find(str(folder / "out"))
    with runs.as_written("out"):
        for name in ("json", "html", "table"):
            plugins.renderer(name).render(report, io.BytesIO())
    ids = [one.get("id") for one in report.get("findings") or [] if isinstance(one, dict)]
    for one in ids[:2]:
        explain(str(one), str(folder / "out"), whole=True)


def _made_report() -> dict[str, bytes]:
    """What a run writes."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reader = Reader({"live.jsonl": _good("live.jsonl")}, "declared/a.yaml", _scan)
        write(reader, _good("baseline.yaml"), folder)
        reader.read(folder)
        return {f"out/{file}": (folder / "out" / file).read_bytes() for file in (runs.REPORT, runs.EVIDENCE)}


def _chart_archive() -> bytes:
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for file, content in (
            ("shop/Chart.yaml", _good("Chart.yaml")),
            ("shop/templates/a.yaml", b"a: {{ now }}"),
        ):
            entry = tarfile.TarInfo(file)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _packed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def all_of_them() -> dict[str, tuple[Reader, bytes]]:
    """Each reader by name, with the good content of its bad file."""
    lines, baseline = _good("live.jsonl"), _good("baseline.yaml")
    live, said, report = {"live.jsonl": lines}, {"declared/a.yaml": baseline}, _made_report()
    state = {**live, "declared/a.tfstate": _good("state.tfstate")}
    unit = {**live, "declared/a/main.tf": _good("main.tf"), "declared/root.hcl": _good("root.hcl")}
    template = {**live, "declared/a.yaml": _good("cloudformation.yaml")}
    arm = partial(_scan, said=f"path: declared, scope: {SUBSCRIPTION}, resource_group: shop")
    cluster = partial(_scan, said="path: declared, scope: prod")
    stack = partial(_scan, said="path: declared/a.yaml, parameters: p.json, stack: jobs")
    unpacked = zstandard.ZstdDecompressor().decompressobj().decompress(report[f"out/{runs.EVIDENCE}"])
    evidence = f"out/{runs.EVIDENCE}"
    return {
        "terraform-state": (Reader(live, "declared/a.tfstate", _scan), _good("state.tfstate")),
        "terraform-configuration": (Reader(state, "declared/main.tf", _scan), _good("main.tf")),
        "terraform-json": (Reader(state, "declared/main.tf.json", _scan), _good("main.tf.json")),
        "terragrunt": (Reader(unit, "declared/a/terragrunt.hcl", _scan), _good("terragrunt.hcl")),
        "terragrunt-root": (
            Reader(
                {**unit, "declared/a/terragrunt.hcl": _good("terragrunt.hcl")}, "declared/root.hcl", _scan
            ),
            _good("root.hcl"),
        ),
        "pulumi": (Reader(live, "declared/a.json", _scan), _good("pulumi.json")),
        "root-module": (Reader(live, "declared/main.tf", _scan), _good("root.tf")),
        "root-module-values": (
            Reader({**live, "declared/main.tf": _good("root.tf")}, "declared/terraform.tfvars", _scan),
            _good("root.tfvars"),
        ),
        "cloudformation": (Reader(live, "declared/a.yaml", _scan), _good("cloudformation.yaml")),
        "cloudformation-json": (Reader(live, "declared/a.json", _scan), _good("cloudformation.json")),
        "cloudformation-parameters": (Reader(template, "declared/p.json", stack), _good("parameters.json")),
        "arm": (Reader(live, "declared/a.json", arm), _good("arm.json")),
        "arm-parameters": (
            Reader({**live, "declared/a.json": _good("arm.json")}, "declared/a.parameters.json", arm),
            _good("arm.parameters.json"),
        ),
        "manifests": (Reader(live, "declared/a.yaml", cluster), _good("manifests.yaml")),
        "manifests-json": (Reader(live, "declared/a.json", cluster), _good("manifests.json")),
        "config-connector": (Reader(live, "declared/a.yaml", _scan), _good("config-connector.yaml")),
        "baseline": (Reader(live, "declared/a.yaml", _scan), baseline),
        "baseline-lines": (Reader(live, "declared/a.jsonl", _scan), lines),
        "kustomize": (Reader({}, "declared/kustomization.yaml", _kustomize), _good("kustomization.yaml")),
        "helm-chart": (Reader({}, "declared/Chart.yaml", _chart), _good("Chart.yaml")),
        "helm-archive": (Reader({}, "chart.tgz", _archive), _chart_archive()),
        "snapshot": (Reader(said, "live.jsonl", _scan), lines),
        "snapshot-zst": (Reader(said, "live.jsonl.zst", _scan, _packed), lines),
        "snapshot-zst-bytes": (Reader(said, "live.jsonl.zst", _scan), _packed(lines)),
        "snapshot-gz-bytes": (Reader(said, "live.jsonl.gz", _scan), gzip.compress(lines, mtime=0)),
        "snapshot-yaml": (Reader(said, "live.yaml", _scan), baseline),
        "configuration": (Reader({**live, **said}, "drift.yaml", _config), _good("drift.yaml")),
        "ignore-rules": (
            Reader({**live, **said}, "declared/.driftignore.yaml", _scan),
            _good("driftignore.yaml"),
        ),
        "driftctl-rules": (Reader({**live, **said}, "declared/.driftignore", _scan), _good("driftignore")),
        "owners": (Reader(said, "CODEOWNERS", _owners), _good("CODEOWNERS")),
        "report": (Reader(report, f"out/{runs.REPORT}", _report), report[f"out/{runs.REPORT}"]),
        "evidence": (Reader(report, evidence, _report, _packed), unpacked),
        "evidence-bytes": (Reader(report, evidence, _report), report[evidence]),
    }


def _good(name: str) -> bytes:
    """A good file; one that is no text is made by whoever reads it."""
    return Path(__file__).with_name("good").joinpath(name).read_bytes()
