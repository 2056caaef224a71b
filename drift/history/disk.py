"""Tells on what kind of file system a database's file is, and so what SQLite can do there."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path

#: Where Linux tells what is mounted (https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).
MOUNTS = Path("/proc/self/mountinfo")
#: File systems over a network, on which SQLite's WAL does not hold (https://sqlite.org/wal.html): its index
#: is memory that processes of one machine share.
_NETWORK = (
    *("nfs", "cifs", "smb", "9p", "ceph", "glusterfs", "afs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2"),
    "virtiofs",
)
#: File systems by FUSE that keep files on this machine, so that processes share memory of them.
_NEAR = ("fuseblk", "fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.bindfs", "fuse.encfs", "fuse.gocryptfs")
#: What mounts an object store, by its type or, of some, by what it calls itself: a file is written anew with
#: each change, if at all, and nobody's lock holds for anybody else.
_OBJECTS = ("s3fs", "gcsfuse", "goofys", "geesefs", "mountpoint-s3", "blobfuse", "rclone", "ossfs", "cosfs")


class Disk(Enum):
    """``LOCAL``: a disk of this machine, or nothing is known against it. ``NETWORK``: locks hold as far as
    the file system keeps them, memory can't be shared. ``OBJECTS``: an object store; nothing holds."""

    LOCAL = "local"
    NETWORK = "network"
    OBJECTS = "objects"


def disk(file: Path) -> Disk:
    """The kind of file system that a file is on, which need not be there yet, as far as the system tells."""
    try:
        folder = file.absolute().parent
        while not folder.exists():
            folder = folder.parent
        device = folder.stat().st_dev
        number = f"{os.major(device)}:{os.minor(device)}"
        with MOUNTS.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                head, _, tail = line.partition(" - ")
                if head.split()[2] == number:
                    kind, source = tail.split()[:2]
                    return _of(kind.lower(), source.lower())
    except (OSError, IndexError, ValueError):
        pass  # no such system: nothing is known against it
    return Disk.LOCAL


def _of(kind: str, source: str) -> Disk:
    if kind.startswith("fuse"):
        called = kind.partition(".")[2] or source
        if called.startswith(_OBJECTS):
            return Disk.OBJECTS
        return Disk.LOCAL if kind in _NEAR else Disk.NETWORK
    return Disk.NETWORK if kind.startswith(_NETWORK) else Disk.LOCAL
