"""Links: spellings of one thing are equal, links to two things are not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drift.kinds.base import Context
from providers.gcp.kinds import KINDS

LINK = KINDS["self-link"]
CONTEXT = Context("gcp", "p", data={"projects": {"123": "p"}})
NETWORK = "projects/p/global/networks/n"
segments = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), min_size=2, max_size=6)


def same(one: str, other: str) -> bool:
    want, have = (LINK.canonical(text, CONTEXT) for text in (one, other))
    assert LINK.admits is not None
    return bool(want == have or LINK.admits(want, have, CONTEXT))


@pytest.mark.parametrize(
    ("declared", "live"),
    [
        (NETWORK, f"https://www.googleapis.com/compute/v1/{NETWORK}"),
        (f"https://compute.googleapis.com/compute/beta/{NETWORK}".replace("beta", "v1beta1"), NETWORK),
        (f"//compute.googleapis.com/{NETWORK}", f"https://www.googleapis.com/compute/v1/{NETWORK}"),
        ("projects/p//global/networks/n", NETWORK),
        ("projects/123/global/networks/n", NETWORK),
        ("global/networks/n", NETWORK),
        ("n", f"https://www.googleapis.com/compute/v1/{NETWORK}"),
        (NETWORK, "n"),
    ],
)
def test_spellings_of_one_link(declared: str, live: str) -> None:
    assert same(declared, live)


@pytest.mark.parametrize(
    ("declared", "live"),
    [
        (NETWORK, "projects/q/global/networks/n"),
        ("projects/456/global/networks/n", NETWORK),
        ("n", "projects/q/global/networks/n"),
        ("global/networks/n", "projects/q/global/networks/n"),
        ("networks/n", NETWORK),
        ("regions/r/subnetworks/s", "projects/p/regions/other/subnetworks/s"),
        ("projects/q/global/networks/n", "n"),
        (
            "//container.googleapis.com/projects/p/locations/l/clusters/c",
            "//alloydb.googleapis.com/projects/p/locations/l/clusters/c",
        ),
        ("https://example.com/v1/projects/p/x/y", "projects/p/x/y"),
        ("", "n"),
    ],
)
def test_links_to_two_things(declared: str, live: str) -> None:
    assert not same(declared, live)


@given(
    st.one_of(
        st.text(),
        segments.map("/".join),
        segments.map(lambda parts: "https://a.googleapis.com/v1/" + "/".join(parts)),
    )
)
@example("http://0.googleapis.com/v0/v0/0")
def test_canonical_twice_is_canonical(text: str) -> None:
    once = LINK.canonical(text, CONTEXT)
    assert LINK.canonical(once, CONTEXT) == once


@given(segments, segments)
def test_two_paths_stay_two(one: list[str], other: list[str]) -> None:
    equal = LINK.canonical("/".join(one), CONTEXT) == LINK.canonical("/".join(other), CONTEXT)
    assert equal == (one == other)
