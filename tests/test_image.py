"""The image's recipe fits the project, the CronJob and the tree; its wheel holds everything that runs, and no
tests."""

from __future__ import annotations

import configparser
import fnmatch
import io
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from dockerfile_parse import DockerfileParser
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
TEXT = (ROOT / "Dockerfile").read_text()
RELEASE = (ROOT / ".github" / "workflows" / "release.yml").read_text()
(BASE,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", TEXT, re.M)
PARSED = DockerfileParser(fileobj=io.BytesIO(TEXT.encode()))
STAGES: list[list[dict[str, Any]]] = []
for _instruction in PARSED.structure:
    if _instruction["instruction"] == "FROM":
        STAGES.append([])
    if STAGES:
        STAGES[-1].append(_instruction)


def values(name: str, stage: list[dict[str, Any]]) -> list[str]:
    """What follows each instruction of this name in a stage."""
    return [i["value"] for i in stage if i["instruction"] == name]


def pod() -> dict[str, Any]:
    documents = yaml.safe_load_all((ROOT / "cronjob.yaml").read_text())
    (cronjob,) = (d for d in documents if d["kind"] == "CronJob")
    return cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def named(name: str) -> list[dict[str, Any]]:
    """The stage of this name."""
    (found,) = (stage for stage in STAGES if stage[0]["value"].endswith(f" AS {name}"))
    return found


def copied_from_the_tree() -> list[str]:
    return [
        source
        for stage in STAGES
        for value in values("COPY", stage)
        if not value.startswith("--from=")
        for source in value.split()[:-1]
    ]


# The recipe


def test_it_is_built_from_one_base_that_is_pinned_by_digest() -> None:
    bases = {stage[0]["value"].rpartition(" AS ")[0] for stage in STAGES}
    assert bases == {"${PYTHON_IMAGE}", "scratch", "tools-${TARGETARCH}"}
    assert re.fullmatch(r"python:3\.\d+(\.\d+)?-slim-[a-z]+@sha256:[0-9a-f]{64}", BASE), BASE


def test_hadolint_has_nothing_to_say(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        pytest.skip("hadolint is not there for this system")
    done = subprocess.run(
        [program, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    broken = tmp_path / "Dockerfile"
    broken.write_text(TEXT.replace("USER 65532:65532\n", "USER 65532:65532\nRUN sudo true\n"))
    assert subprocess.run([program, broken], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_the_programs_are_pinned_by_digest_and_the_same_for_each_architecture(architecture: str) -> None:
    (platforms,) = re.findall(r"platforms: (linux.*)", RELEASE)
    assert f"linux/{architecture}" in platforms.split(",")
    form = r"--checksum=sha256:([0-9a-f]{64}) (https://\S+) /(helm\.tar\.gz|kubectl)"
    told = [re.fullmatch(form, value) for value in values("ADD", named(f"tools-{architecture}"))]
    others = [re.fullmatch(form, value) for value in values("ADD", named("tools-amd64"))]
    assert len(told) == 2 and all(told) and all(others)
    for one, other in zip(told, others, strict=True):
        assert one[2] == other[2].replace("amd64", architecture)
        assert (one[1] == other[1]) is (architecture == "amd64")


def test_helm_is_taken_out_of_its_archive(tmp_path: Path) -> None:
    """By the very command, out of an archive as the project makes them."""
    (command,) = (value for value in values("RUN", named("build")) if "helm.tar.gz" in value)
    for name, text in (("linux-arm64/helm", "the program"), ("linux-arm64/README.md", "no program")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "kubectl").write_text("the other")
    subprocess.run(["tar", "-czf", "tools/helm.tar.gz", "linux-arm64"], cwd=tmp_path, check=True)
    subprocess.run(["sh", "-ec", command.replace("/tools", str(tools))], check=True)
    assert {one.name: one.read_text() for one in tools.iterdir()} == {
        "helm": "the program",
        "kubectl": "the other",
    }
    assert all(one.stat().st_mode & 0o777 == 0o755 for one in tools.iterdir())
    assert "--from=build /tools/helm /tools/kubectl /usr/local/bin/" in values("COPY", STAGES[-1])


def test_the_bases_python_is_one_that_the_project_supports() -> None:
    version = re.search(r"python:(3\.\d+)", BASE)[1]
    assert Version(version) in SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert f"Programming Language :: Python :: {version}" in PYPROJECT["project"]["classifiers"]


def test_every_copied_path_exists_and_is_let_through_by_dockerignore() -> None:
    lines = (ROOT / ".dockerignore").read_text().split()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert copied_from_the_tree()
    for source in map(Path, copied_from_the_tree()):
        assert (ROOT / source).exists(), source
        assert str(source) in let_through, source


def test_every_package_of_the_wheel_and_every_file_that_its_build_needs_is_copied() -> None:
    project = PYPROJECT["project"]
    needed = {*PACKAGES, "pyproject.toml", "uv.lock", project["readme"], *project["license-files"]}
    assert needed == {str(Path(source)) for source in copied_from_the_tree()}


def test_dependencies_come_from_the_lock_with_extras_that_exist() -> None:
    syncs = [value for value in values("RUN", named("build")) if "uv sync" in value]
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    (locked,) = (p for p in lock["package"] if p["name"] == PYPROJECT["project"]["name"])
    asked = [set(re.findall(r"--extra (\S+)", sync)) for sync in syncs]
    assert asked[0] == asked[1] >= {"azure", "gcp", "kubernetes", "objects", "postgres", "vault"}
    assert asked[0] <= PYPROJECT["project"]["optional-dependencies"].keys()
    assert asked[0] <= locked["optional-dependencies"].keys()
    for sync in syncs:
        assert "--frozen" in sync
        assert "--no-dev" in sync
    assert "--no-install-project" in syncs[0]
    assert "--no-editable" in syncs[1]


def test_it_ends_as_the_cronjobs_numeric_user() -> None:
    context = pod()["securityContext"]
    assert values("USER", STAGES[-1]) == [f"{context['runAsUser']}:{context['runAsGroup']}"]
    assert context["runAsUser"] != 0


def test_the_entry_point_is_the_projects_command() -> None:
    (entry,) = values("ENTRYPOINT", STAGES[-1])
    (command,) = json.loads(entry)
    assert command in PYPROJECT["project"]["scripts"]


def test_home_and_cache_and_reports_are_on_the_cronjobs_writable_mounts() -> None:
    (container,) = pod()["containers"]
    writable = {m["mountPath"] for m in container["volumeMounts"] if not m.get("readOnly")}
    assert PARSED.envs["HOME"] in writable
    assert PARSED.envs["XDG_CACHE_HOME"] in writable
    assert values("WORKDIR", STAGES[-1]) == [container["workingDir"]]


def test_git_and_certificates_are_there_at_run_time() -> None:
    (install,) = (value for value in values("RUN", STAGES[-1]) if "apt-get install" in value)
    assert {"git", "ca-certificates", "--no-install-recommends"} <= set(install.split())
    assert "rm -rf /var/lib/apt/lists/*" in install


def test_one_version_everywhere() -> None:
    version = PYPROJECT["project"]["version"]
    (container,) = pod()["containers"]
    assert f"docker build -t {container['image']} ." in TEXT
    assert container["image"].endswith(f":{version}")
    assert PARSED.labels["org.opencontainers.image.version"] == version
    assert PARSED.labels["org.opencontainers.image.licenses"] == PYPROJECT["project"]["license"]


# What the recipe builds


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built by the backend that pyproject.toml names, as uv does it in the image."""
    assert PYPROJECT["build-system"]["build-backend"] == "hatchling.build"
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (file,) = folder.iterdir()
    return zipfile.ZipFile(file)


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    """Data files too: type facts, templates, schemas."""
    in_tree = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not fnmatch.fnmatch(path.name, ".*")
    }
    assert in_tree - set(wheel.namelist()) == set()


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    name, version = PYPROJECT["project"]["name"], PYPROJECT["project"]["version"]
    tops = {member.split("/")[0] for member in wheel.namelist()}
    assert tops == {*PACKAGES, f"{name}-{version}.dist-info"}
    assert not [m for m in wheel.namelist() if re.search(r"(^|/)(tests?/|test_|conftest\.py)", m)]


def test_the_wheel_installs_the_command_and_the_built_in_plugins(wheel: zipfile.ZipFile) -> None:
    entry_points = configparser.ConfigParser(delimiters=("=",))
    entry_points.optionxform = str
    (file,) = (m for m in wheel.namelist() if m.endswith(".dist-info/entry_points.txt"))
    entry_points.read_string(wheel.read(file).decode())
    assert dict(entry_points["console_scripts"]) == PYPROJECT["project"]["scripts"]
    for group, members in PYPROJECT["project"]["entry-points"].items():
        assert dict(entry_points[group]) == members
