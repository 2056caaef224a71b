"""Small forges on loopback, for tests and `drift demo`: each with state, over real HTTP, that checks every
request by the forge's own description and serves real Git repositories.

>>> from forges.loopback import GitHub
>>> with GitHub() as server:
...     server.repository("acme/infra").url.endswith("/acme/infra.git")
True
"""

from __future__ import annotations

from collections.abc import Mapping

from forges.loopback.azure_devops import AzureDevOps
from forges.loopback.bitbucket import Bitbucket
from forges.loopback.bitbucket_server import BitbucketServer
from forges.loopback.gitea import Gitea
from forges.loopback.github import GitHub
from forges.loopback.gitlab import GitLab
from forges.loopback.server import Faults, Loopback
from forges.loopback.state import Repo

__all__ = [
    "FORGES",
    "AzureDevOps",
    "Bitbucket",
    "BitbucketServer",
    "Faults",
    "GitHub",
    "GitLab",
    "Gitea",
    "Loopback",
    "Repo",
]

#: Each by the name of its plugin.
FORGES: Mapping[str, type[Loopback]] = {
    one.name: one for one in (AzureDevOps, Bitbucket, BitbucketServer, Gitea, GitHub, GitLab)
}
