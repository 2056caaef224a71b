"""Who is told of a run, when, in which thread, and what becomes of what could not be sent."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drift.channel import ChannelError, Message
from drift.config.model import Config, parse
from drift.deadline import Deadline
from drift.deliver import outbox, post
from drift.deliver.outbox import Outbox
from drift.deliver.post import Post
from drift.deliver.share import belongs
from drift.errors import ConfigError
from tests import ports
from tests.mail_server import Server, serving
from tests.reports.sample import FINDINGS, sample_report

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
KNOWN = [one for one in FINDINGS if one["status"] == "recurring"]
TO = "to: [platform@acme.example]"


@pytest.fixture(scope="module")
def _server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(_server: Server) -> Server:
    _server.mails, _server.answers, _server.refused = [], [], {}
    return _server


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "TRIES", 2)
    monkeypatch.setattr(post, "retry_context", _without_waits(post.retry_context))


def _without_waits(retry: Any) -> Any:
    return lambda **said: retry(**{**said, "wait_initial": 0.01, "wait_max": 0.01})


def configuration(port: int, mail: str = TO) -> Config:
    via = f"{{smtp: {{host: 127.0.0.1, port: {port}, security: none, timeout: 60}}}}"
    text = f"version: 1\nmail:\n  sender: drift@acme.example\n  via: {via}\n"
    return parse(text + "".join(f"  {line}\n" for line in mail.splitlines()), "drift.yaml", Path(), None, {})


def poster(folder: Path, server: Server | int, mail: str = TO, now: datetime = NOW) -> tuple[Post, list[str]]:
    told: list[str] = []
    port = server if isinstance(server, int) else server.port
    return Post(configuration(port, mail), folder, mail=True, tell=told.append, now=lambda: now), told


def report(findings: list[dict[str, Any]] | None = None, *, whole: bool = True, **run: Any) -> dict[str, Any]:
    """The sample, with a history and, unless said otherwise, whole."""
    made = copy.deepcopy(sample_report())
    made["run"] |= {"history": {"database": "db-1", "runs": 3, "problem": None}, **run}
    if findings is not None:
        made["findings"] = findings
    if whole:
        made["coverage"] = [{**one, "status": "checked"} for one in made["coverage"]]
        made["problems"] = []
    return made


def again(**run: Any) -> dict[str, Any]:
    """A report in which all that is new has changed."""
    made = report(**run)
    made["findings"] = [{**one, "digest": "another"} for one in made["findings"]]
    return made


def test_what_is_tried_again_is_said_in_no_commands_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one, told = poster(tmp_path, ports.free())
    one.run(report())
    assert "Connection refused" in told[0]
    assert capfd.readouterr() == ("", "")


def test_a_mail_says_who_it_is_from_what_it_answers_and_that_a_machine_wrote_it(
    server: Server, tmp_path: Path
) -> None:
    mail = "to: [a@acme.example, b@acme.example]\nlist_id: drift.acme.example\n"
    mail += "unsubscribe: ['mailto:stop@acme.example', 'https://acme.example/stop']"
    one, told = poster(tmp_path, server, mail)
    one.run(report())
    ((sender, recipients, message),) = server.mails
    assert (sender, recipients) == ("drift@acme.example", ["a@acme.example", "b@acme.example"])
    assert message["From"] == "drift <drift@acme.example>"
    assert message["Subject"] == "4 new, 1 came back, 2 critical · production"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["List-Id"] == "<drift.acme.example>"
    assert message["List-Unsubscribe"] == "<mailto:stop@acme.example>, <https://acme.example/stop>"
    assert message["Message-ID"].startswith("<20251123T060011Z-7f3a.")
    assert message["References"] == message["In-Reply-To"]
    assert told == [f"sent: {message['Subject']!r} to a@acme.example, b@acme.example"]
    two, _ = poster(tmp_path, server, mail)
    two.run(again(id="20251124T060011Z-aaaa"))
    another, _ = poster(tmp_path, server, mail)
    another.run(report(environment="staging"))
    assert server.mails[1][2]["Message-ID"] != message["Message-ID"]
    assert server.mails[1][2]["References"] == message["References"]
    assert server.mails[2][2]["References"] != message["References"]


# When


@pytest.mark.parametrize(
    ("when", "findings", "sent"),
    [
        ("new", None, True),
        ("new", KNOWN, False),
        ("new", [{**KNOWN[0], "history": {"changed_again": True}}], True),
        ("new", [{**KNOWN[0], "status": None}], True),
        ("new", [{**KNOWN[0], "status": "unknown"}], False),
        ("drift", KNOWN, True),
        ("drift", [], False),
        ("always", [], True),
        ("weekly", None, False),
    ],
)
def test_when_a_mail_is_sent(
    server: Server, tmp_path: Path, when: str, findings: list[dict[str, Any]] | None, sent: bool
) -> None:
    one, _ = poster(tmp_path, server, f"{TO}\nwhen: {when}")
    one.outbox.told({"production/mail/all": "2026-03-01T06:00:00Z"})
    one.run(report(findings))
    assert len(server.mails) == sent


def test_a_mail_to_hundreds_shows_none_of_them(server: Server, tmp_path: Path) -> None:
    to = [f"p{number}@acme.example" for number in range(150)]
    one, _ = poster(tmp_path, server, f"to: {to}")
    one.run(report(KNOWN))
    assert sorted(who for mail in server.mails for who in mail[1]) == sorted(to)
    assert "@acme.example" not in str(server.mails[0][2]["To"])


def test_a_mail_that_a_clock_dates_years_ahead_does_not_end_the_weekly_ones(
    server: Server, tmp_path: Path
) -> None:
    one, _ = poster(tmp_path, server)
    one.outbox.told({"production/mail/all": "2099-03-01T06:00:00Z"})
    one.run(report([]))
    assert len(server.mails) == 1


def test_a_week_without_a_mail_ends_with_one(server: Server, tmp_path: Path) -> None:
    subjects = []
    for day in range(16):
        one, _ = poster(tmp_path, server, now=NOW + timedelta(days=day, minutes=-day))
        one.run(report(KNOWN if day < 8 else []))
        subjects.append(len(server.mails))
    assert subjects == [1] * 7 + [2] * 7 + [3] * 2
    assert server.mails[0][2]["Subject"].startswith("weekly: nothing new, 9 known")
    assert server.mails[2][2]["Subject"].startswith("all is well: ")


def test_a_run_that_can_not_be_trusted_always_mails(server: Server, tmp_path: Path) -> None:
    recent = {"production/mail/all": "2026-03-02T05:00:00Z", "production/database": "db-1"}
    for history, whole, said in (
        ({"database": "db-1", "runs": 3}, False, "The run was not whole"),
        ({"database": "db-1", "runs": 3, "problem": "disk full"}, True, "could not be remembered: disk full"),
        ({"database": "db-2", "runs": 0}, True, "The history was lost"),
        ({"database": "db-1", "runs": 0, "lost": "it had one"}, True, "was lost: it had one"),
        (
            {"database": "db-1", "runs": 0, "lost": "it begins now"},
            True,
            "The history was lost: it begins now",
        ),
    ):
        one, _ = poster(tmp_path, server)
        one.outbox.told(recent)
        one.run(report([], whole=whole, history=history))
        body = server.mails.pop()[2].get_body(("plain",))
        assert body is not None
        assert said in " ".join(body.get_content().split())
    one.run(report([], history={"database": "db-2", "runs": 1}))
    assert server.mails == []


def test_a_run_that_failed_is_mailed_to_those_who_get_all(server: Server, tmp_path: Path) -> None:
    one, _ = poster(tmp_path, server, "to: {all: p@acme.example, '@acme/web': w@acme.example}")
    one.failed("drift.yaml:3: nothing\r\nBcc: x@evil.example")
    ((_, recipients, message),) = server.mails
    assert recipients == ["p@acme.example"]
    assert message["Subject"] == "the run failed · default"
    assert message["Bcc"] is None


# Whose


def test_each_team_gets_its_own_and_the_platform_team_all(server: Server, tmp_path: Path) -> None:
    mail = "to: {all: platform@acme.example, payments: pay@acme.example, media: media@acme.example}"
    one, _ = poster(tmp_path, server, mail)
    one.outbox.told(dict.fromkeys(("production/mail/media",), "2026-03-01T06:00:00Z"))
    one.run(report())
    sent = {recipients[0]: message for _, recipients, message in server.mails}
    assert set(sent) == {"platform@acme.example", "pay@acme.example"}  # nothing of media's is new
    mine = sent["pay@acme.example"]
    assert mine["Subject"] == "1 new, 1 critical · production · payments"
    for part in (mine.get_body(("plain",)), next(iter(mine.iter_attachments()))):
        assert part is not None
        assert "api-public" in part.get_content()
        assert "org-audit" not in part.get_content()


@pytest.mark.parametrize(
    ("owner", "glob", "fits"),
    [
        ("@acme/web, @ann", "@acme/web", True),
        ("@acme/web, @ann", "@ANN", True),
        ("@acme/web", "@acme/*", True),
        ("@acme/web", "@acme/w", False),
        (None, "no owner", True),
        (None, "@acme/web", False),
    ],
)
def test_whose_a_finding_is(owner: str | None, glob: str, fits: bool) -> None:
    assert belongs(owner, glob) is fits


# What could not be sent


def test_what_could_not_be_sent_is_sent_by_the_next_run_once(server: Server, tmp_path: Path) -> None:
    one, told = poster(tmp_path, ports.free())
    one.run(report())
    assert "refused" in told[0]
    assert told[0].endswith(f"it waits in {tmp_path / 'outbox'} for the next run")
    (kept,) = (tmp_path / "outbox").glob("*.message")
    two, told = poster(tmp_path, server)
    two.run(report(KNOWN, id="20251124T060011Z-aaaa"))
    ((_, _, message),) = server.mails
    assert message["Message-ID"].startswith("<20251123T060011Z-7f3a.")
    assert told == [f"sent what waited: {message['Subject']!r}"]
    three, told = poster(tmp_path, server)
    three.run(report(KNOWN, id="20251125T060011Z-bbbb"))
    assert len(server.mails) == 1
    assert not kept.exists()


def test_a_busy_server_is_tried_again(server: Server, tmp_path: Path) -> None:
    server.answers = ["451 greylisted"]
    one, told = poster(tmp_path, server)
    one.run(report())
    assert len(server.mails) == 1
    server.answers = ["554 no"]
    one.run(again())
    assert "554 no" in told[-1]
    assert len(server.mails) == 1


def test_whoever_was_refused_gets_it_later_and_the_others_not_twice(server: Server, tmp_path: Path) -> None:
    server.refused = {"b@acme.example": "450 mailbox busy"}
    mail = "to: [a@acme.example, b@acme.example]"
    one, told = poster(tmp_path, server, mail)
    one.run(report())
    assert "b@acme.example: 450 mailbox busy" in told[0]
    server.refused = {}
    two, _ = poster(tmp_path, server, mail)
    two.run(report(KNOWN))
    assert [recipients for _, recipients, _ in server.mails] == [["a@acme.example"], ["b@acme.example"]]


def test_a_mail_that_may_have_arrived_is_told_and_not_sent_again(server: Server, tmp_path: Path) -> None:
    server.silent = "DATA"
    one, told = poster(tmp_path, server)
    one.run(report())
    server.silent = ""
    assert len(told) == 1 and "whether the mail arrived is not known, it is not sent again" in told[0]
    two, told = poster(tmp_path, server)
    two.run(report(KNOWN, id="20251124T060011Z-aaaa"))
    assert (len(server.mails), told) == (1, [])


def test_the_report_that_is_written_already_is_attached_as_it_is(server: Server, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("<p>as it was written")
    one, _ = poster(tmp_path, server)
    one.run(report(), page)
    page.unlink()
    one.run(again(), page)
    attached = [next(iter(message.iter_attachments())).get_content() for _, _, message in server.mails]
    assert attached[0].strip() == "<p>as it was written"
    assert "api-public" in attached[1]


def test_two_runs_at_once_send_what_waits_once(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    for number in range(3):
        kept = box.keep("mail", Message(f"m-{number}", content=b"x", recipients=("a@acme.example",)))
        box.back(kept, kept.message)
    mine, other = Outbox(tmp_path).taken(), Outbox(tmp_path).taken()
    first = next(mine)
    ids = [one.message.id for one in other]
    assert first.message.id not in ids
    assert len(ids) == 2
    assert [one.message.id for one in mine] == []


def test_what_a_killed_run_had_taken_is_sent_an_hour_later(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    kept = box.keep("mail", Message("m", content=b"\x00\xff"))
    (tmp_path / ".sent.json.abcdefgh").touch()
    assert list(box.taken()) == []
    for file in tmp_path.iterdir():
        os.utime(file, (1, 1))
    (again,) = box.taken()
    assert again.message == kept.message == Message("m", content=b"\x00\xff")
    box.done(again)
    assert [one.name for one in tmp_path.iterdir()] == ["sent.json.lock"]


def test_what_is_said_of_a_run_that_is_killed_before_it_is_sent_is_sent_by_a_later_one(
    server: Server, tmp_path: Path
) -> None:
    killed, _ = poster(tmp_path, ports.free())
    killed.prepare(report())
    killed.outbox.told({"production/mail/all": "2026-03-02T05:00:00Z"})
    two, told = poster(tmp_path, server)
    two.run(report(KNOWN, id="20251124T060011Z-aaaa"))
    assert server.mails == []
    for file in (tmp_path / "outbox").iterdir():
        os.utime(file, (1, 1))
    three, told = poster(tmp_path, server)
    three.run(report(KNOWN, id="20251125T060011Z-bbbb"))
    ((_, _, message),) = server.mails
    assert message["Message-ID"].startswith("<20251123T060011Z-7f3a.")
    assert told == [f"sent what waited: {message['Subject']!r}"]


NIGHT = [{**FINDINGS[0], "status": "new", "digest": "a", "history": {"reopened": 0}}]
AGAIN = "not sent again: what is new in this run was told by another one"


def test_of_two_runs_at_once_that_find_the_same_one_tells_it(server: Server, tmp_path: Path) -> None:
    one, _ = poster(tmp_path, server)
    two, told = poster(tmp_path, server)
    one.prepare(report(NIGHT))
    two.run(report(NIGHT, id="20251123T060012Z-bbbb"))
    assert (len(server.mails), told) == (0, [AGAIN])
    one.deliver()
    three, told = poster(tmp_path, server)
    three.run(report(NIGHT, id="20251124T060011Z-cccc"))
    assert (len(server.mails), told) == (1, [AGAIN])


def test_of_two_runs_at_once_one_says_that_all_is_well(server: Server, tmp_path: Path) -> None:
    one, _ = poster(tmp_path, server)
    two, _ = poster(tmp_path, server)
    one.prepare(report(KNOWN))
    two.run(report(KNOWN, id="20251123T060012Z-bbbb"))
    one.deliver()
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"digest": "b"}, id="changed again"),
        pytest.param({"history": {"reopened": 1}}, id="came back"),
        pytest.param({"id": "f-000000000000000a"}, id="another"),
        pytest.param({"status": None}, id="nobody knows"),
    ],
)
def test_what_is_otherwise_is_told(server: Server, tmp_path: Path, other: dict[str, Any]) -> None:
    one, _ = poster(tmp_path, server)
    one.run(report(NIGHT))
    two, told = poster(tmp_path, server)
    two.run(report([*NIGHT, {**NIGHT[0], **other}], id="20251124T060011Z-aaaa"))
    assert len(server.mails) == 2 and AGAIN not in told


def test_what_was_gone_meanwhile_is_told_when_it_comes_back(server: Server, tmp_path: Path) -> None:
    for day, findings in enumerate((NIGHT, KNOWN, NIGHT)):
        at = NOW + timedelta(days=day)
        one, _ = poster(tmp_path, server, now=at)
        one.run(
            report(findings, started_at=at.isoformat().replace("+00:00", "Z"), id=f"2025112{day}T060011Z-a")
        )
    assert len(server.mails) == 2


@pytest.mark.parametrize("lost", ["before it is kept", "after it is kept"])
def test_what_a_killed_run_announced_is_told_once(server: Server, tmp_path: Path, lost: str) -> None:
    """It is killed in the middle of preparing: what it has kept will be sent, what it has not is told by the
    next one."""
    killed, _ = poster(tmp_path, ports.free())
    killed.prepare(report(NIGHT))
    (message,) = (tmp_path / "outbox").glob("*.message*")
    if lost == "before it is kept":
        message.unlink()
    else:
        os.utime(message, (1, 1))
    later, _ = poster(tmp_path, server)
    later.run(report(NIGHT, id="20251124T060011Z-aaaa"))
    last, _ = poster(tmp_path, server)
    last.run(report(NIGHT, id="20251125T060011Z-aaaa"))
    assert len(server.mails) == 1


def test_what_several_runs_remember_at_once_is_all_remembered(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: Outbox(tmp_path).told({f"k{number}": number}), range(24)))
    assert Outbox(tmp_path).state() == {f"k{number}": number for number in range(24)}


def test_a_lock_that_can_not_be_had_ends_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_LOCK_SECONDS", 0.05)
    other = Outbox(tmp_path / "outbox")
    other.open()
    with other.alone():
        one, _ = poster(tmp_path, server)
        one.run(report(NIGHT))
    assert len(server.mails) == 1


def test_what_is_neither_kept_nor_sent_is_the_next_runs(server: Server, tmp_path: Path) -> None:
    for port, sure in ((ports.free(), False), (server, True)):
        (tmp_path / "outbox").touch()  # no folder
        one, _ = poster(tmp_path, port)
        one.prepare(report(NIGHT))
        assert not one.sure
        one.deliver()
        assert one.sure is sure
    (tmp_path / "outbox").unlink()
    kept, _ = poster(tmp_path, ports.free())
    kept.prepare(report(NIGHT))
    assert kept.sure
    kept.deliver()
    assert kept.sure


def test_an_outbox_that_is_full_or_spoilt_says_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "outbox"
    folder.mkdir()
    (folder / "1.0-a.message").write_text("{")
    (folder / "sent.json").write_text("[")
    monkeypatch.setattr(outbox, "MOST_SECONDS", 10**12)
    one, told = poster(tmp_path, server)
    one.run(report())
    assert len(server.mails) == 1
    assert (folder / "1.0-a.unreadable").exists()
    monkeypatch.setattr(outbox, "MOST", 0)
    two, told = poster(tmp_path, ports.free())
    two.run(again())
    assert "and not kept" in told[0]
    assert "the outbox is full" in told[0]


def test_a_folder_that_can_not_be_written_ends_nothing(server: Server, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("no folder")
    one, told = poster(tmp_path, server)
    one.run(report())
    assert len(server.mails) == 1
    assert told[-1].startswith("what was sent could not be remembered: ")


def test_nothing_is_sent_after_the_deadline_and_it_waits(server: Server, tmp_path: Path) -> None:
    one, told = poster(tmp_path, server)
    one.clock = Deadline(1e-6)
    one.run(report())
    assert server.mails == []
    assert "for the next run" in told[0]


# Again, and the configuration


def test_a_mail_is_sent_again_as_another_one(server: Server, tmp_path: Path) -> None:
    one, _ = poster(tmp_path, server)
    one.run(report())
    assert one.again(report(), ("ann@acme.example",)) == ["ann@acme.example"]
    assert server.mails[1][1] == ["ann@acme.example"]
    assert server.mails[1][2]["Message-ID"] != server.mails[0][2]["Message-ID"]
    server.answers = ["554 no"]
    with pytest.raises(ChannelError, match="554 no"):
        one.again(report(), ())


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        ("to: [a b@acme.example]", "drift.yaml:5: mail.to"),
        ("to: ['a@acme.example\\r\\nBcc: x@evil.example']", "drift.yaml:5: mail.to"),
        (f"{TO}\nlist_id: a>b", "mail.list_id: is no list's id"),
        (f"{TO}\nunsubscribe: ['javascript:x']", "is neither a mailto: nor an https:// address"),
        (f"{TO}\nwhen: never", "mail.when"),
    ],
)
def test_an_address_that_is_none_is_refused_by_line(mail: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        configuration(25, mail)
    assert said in str(error.value)


def test_a_channel_that_is_not_there_and_a_misspelt_setting() -> None:
    text = "version: 1\nmail: {sender: a@b.example, to: [c@d.example], via: {%s}}"
    with pytest.raises(ConfigError, match="mail.via.smpt: there is no channel 'smpt'; did you mean 'smtp'"):
        parse(text % "smpt: {}", "drift.yaml", Path(), None, {})
    with pytest.raises(ConfigError, match="mail.via.smtp.hots: unknown key; did you mean 'host'"):
        parse(text % "smtp: {hots: x, host: y}", "drift.yaml", Path(), None, {})
