"""Where a history's file is: a log beside it on a local disk, none on a network's file system, and no history
on an object store that is mounted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drift.errors import ConfigError
from drift.history import disk as disks
from drift.history.database import Database
from drift.history.disk import Disk, disk
from drift.history.errors import HistoryError
from drift.history.place import place

#: As Linux tells it: type and source → what can be kept there.
MOUNTED = {
    "ext4 /dev/vda1": Disk.LOCAL,
    "overlay overlay": Disk.LOCAL,
    "tmpfs tmpfs": Disk.LOCAL,
    "fuse.fuse-overlayfs fuse-overlayfs": Disk.LOCAL,
    "fuseblk /dev/sdb1": Disk.LOCAL,
    "nfs4 fs-1.efs.eu-west-1.amazonaws.com:/": Disk.NETWORK,
    "nfs server:/export": Disk.NETWORK,
    "cifs //acme.file.core.windows.net/share": Disk.NETWORK,
    "smb3 //server/share": Disk.NETWORK,
    "ceph 10.0.0.1:/": Disk.NETWORK,
    "virtiofs share": Disk.NETWORK,
    "fuse.sshfs server:": Disk.NETWORK,
    "fuse.juicefs JuiceFS:acme": Disk.NETWORK,
    "fuse acme": Disk.NETWORK,
    "fuse.s3fs s3fs": Disk.OBJECTS,
    "fuse.gcsfuse acme": Disk.OBJECTS,
    "fuse mountpoint-s3": Disk.OBJECTS,
    "fuse blobfuse2": Disk.OBJECTS,
    "fuse.rclone acme:drift": Disk.OBJECTS,
}


def mount(folder: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system tells that the file system of ``folder`` is mounted as this."""
    device = folder.stat().st_dev
    file = folder / "mountinfo"
    file.write_text(
        "22 1 0:999 / /other rw - ext4 /dev/other rw\n"
        f"36 22 {os.major(device)}:{os.minor(device)} / /mnt\\040x rw,noatime shared:1 - {what} rw\n"
    )
    monkeypatch.setattr(disks, "MOUNTS", file)


@pytest.mark.parametrize("what", MOUNTED)
def test_the_kind_is_told_by_the_mount(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mount(tmp_path, what, monkeypatch)
    assert disk(tmp_path / "not" / "there" / "history.db") is MOUNTED[what]


@pytest.mark.parametrize("told", ["", "nonsense\n", "1 2\n"])
def test_where_nothing_is_told_nothing_is_held_against_it(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mountinfo").write_text(told)
    monkeypatch.setattr(disks, "MOUNTS", tmp_path / "mountinfo")
    assert disk(tmp_path / "history.db") is Disk.LOCAL
    monkeypatch.setattr(disks, "MOUNTS", tmp_path / "none")
    assert disk(tmp_path / "history.db") is Disk.LOCAL


@pytest.mark.parametrize(("what", "mode"), [("ext4 /dev/vda1", "wal"), ("nfs4 server:/", "delete")])
def test_the_log_is_kept_only_where_it_holds(
    what: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a file that had one and came from another disk."""
    with Database(place("history.db", tmp_path)) as database, database.writing():
        pass
    mount(tmp_path, what, monkeypatch)
    with Database(place("history.db", tmp_path)) as database, database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == mode
        said = [note for note in database.notes if "network's file system" in note]
    assert bool(said) is (mode == "delete")
    assert (tmp_path / "history.db").read_bytes()[18] == (2 if mode == "wal" else 1)


def test_nothing_is_written_on_a_mounted_object_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount(tmp_path, "fuse mountpoint-s3", monkeypatch)
    with pytest.raises(HistoryError, match=r"mounted object store.*a postgresql:// address"):
        Database(place("history.db", tmp_path))
    assert not (tmp_path / "history.db").exists()


@pytest.mark.parametrize(
    "said", ["s3://acme/history.db", "gs://acme/h.db", "abfss://a@b.dfs.core.windows.net/h"]
)
def test_an_object_store_by_url_is_refused(said: str) -> None:
    with pytest.raises(ConfigError, match="is an object store, where nothing can be changed in place"):
        place(said)
