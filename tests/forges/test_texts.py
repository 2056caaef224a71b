"""Hostile and long titles and bodies: one line, within each forge's limit, and nothing that the forge would
do."""

from __future__ import annotations

import pytest

from drift.forge import ForgeError
from forges import texts
from tests.forges.stands import MACHINE, Stand, draft

LIMITS = {
    "azure-devops": 4_000,
    "bitbucket": 32_768,
    "bitbucket-server": 32_767,
    "gitea": 1_000_000,
    "github": 65_536,
    "gitlab": 1_048_576,
}


def test_a_long_body_is_cut_and_says_so(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    most = LIMITS[forge.name]
    long = (
        "<details>\n\n```hcl\n" + "bucket = \U0001f600\n" * (most // 10) + f"```\n\n</details>\n\n{MACHINE}"
    )
    pull, _ = hosted.open(draft(body=long))
    kept = repo.pulls[int(pull.id)].body
    assert texts.length(kept) <= most
    assert len(kept) > most // 2
    assert kept.endswith(MACHINE)
    assert f"takes {most:,} characters" in kept
    assert kept.count("```") == 2
    assert kept.count("</details>") == 1
    # the same draft again changes nothing
    before = len(forge.server.calls)
    hosted.update(pull, draft(body=long))
    assert {call.method for call in forge.server.calls[before:]} == {"GET"}
    hosted.comment(pull, long)
    hosted.comment(pull, long)
    assert len(repo.pulls[int(pull.id)].comments) == 1


TITLES = (
    "a\nb\r\n\tc",
    "x" * 1000,
    "\x1b[31mred\x07",
    "; rm -rf / $(id) `id`",
    "-x",
    "\u202egnp.exe",
    "\x00",
    "Draft: WIP: [Draft] not one",
    "WIP: draft: not one either",
)


def test_a_hostile_title_is_one_line_that_the_forge_takes(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    pull, _ = hosted.open(draft(title=TITLES[0]))
    for title in TITLES:
        changed, _ = hosted.update(pull, draft(title=title))
        kept = repo.pulls[int(pull.id)].title
        assert kept.isprintable()
        assert kept == " ".join(kept.split())
        assert len(kept) <= (400 if forge.name == "azure-devops" else 256)
        assert not changed.draft
        assert changed.title == kept
        before = len(forge.server.calls)
        hosted.update(pull, draft(title=title))
        assert {call.method for call in forge.server.calls[before:]} == {"GET"}


def test_a_body_comes_through_as_it_is(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    body = f'`a & <b> "c"` ${{x}} \\ \u200b@\u200bacme/team é\n\n| a | b |\n|---|---|\n\n{MACHINE}'
    pull, _ = forge.connect(repo).open(draft(body=body))
    assert pull.body == repo.pulls[int(pull.id)].body == body


@pytest.mark.parametrize("_stand", ["gitlab"], indirect=True)
def test_what_gitlab_would_do_is_shown_instead(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    hostile = f"/merge\n/assign @ann\ntext /close\n/usr/bin\n\n{MACHINE}"
    pull, _ = hosted.open(draft(body=hostile))
    hosted.comment(pull, "/approve")
    hosted.update(pull, draft(body=f"more\n{hostile}"))
    issue, _ = hosted.open_issue("x", "/close", [], [])
    hosted.close_issue(issue, "/reopen")
    assert forge.server.done == []
    assert "/merge" in repo.pulls[int(pull.id)].body
    assert "\n/usr/bin\n" in repo.pulls[int(pull.id)].body


def test_cutting_never_exceeds_and_keeps_what_fits() -> None:
    for most in (300, 301, 350, 1000):
        for text in ("x" * 2000, "\n" * 2000, "a\n```\nb" * 300, f"y{MACHINE * 3}" * 20, "\U0001f600" * 999):
            cut = texts.body(f"{text}\n{MACHINE}", most, "GitHub")
            assert texts.length(cut) <= most
            assert cut.endswith(MACHINE)
    assert texts.body("short", 300, "GitHub") == "short"
    assert texts.body("a\x00b\ud800c", 300, "GitHub") == "abc"


def test_a_long_line_for_machines_stays_whole_or_is_refused(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    many = 2_000 if forge.name == "azure-devops" else LIMITS[forge.name] // 2
    mark = f"<!-- drift: {'x' * many} -->"
    said = draft(body="text\n" * LIMITS[forge.name] + mark)
    pull, _ = hosted.open(said)
    kept = repo.pulls[int(pull.id)]
    assert texts.length(kept.body) <= LIMITS[forge.name]
    for seen in (pull, *hosted.pull_requests("drift/a"), *hosted.open_pull_requests("drift/")):
        assert seen.body.endswith(mark)
        assert "*Cut here" in seen.body
    comments = len(kept.comments)
    before = len(forge.server.calls)
    hosted.update(pull, said)
    assert {call.method for call in forge.server.calls[before:]} == {"GET"}
    other = mark.replace("x", "y")
    changed, _ = hosted.update(pull, draft(body=f"other\n\n{other}"))
    assert changed.body == hosted.pull_requests("drift/a")[0].body == f"other\n\n{other}"
    assert len(kept.comments) == comments
    with pytest.raises(ForgeError, match=r"lower remediate.max_changes"):
        hosted.update(pull, draft(body=f"<!-- drift: {'x' * 1_100_000} -->"))
