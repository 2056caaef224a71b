"""Values of drift.yaml that are kept elsewhere: looked up when they are needed, and told to nobody."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from drift import plugins
from drift.config.model import Config, load, parse
from drift.deadline import Deadline
from drift.errors import ConfigError, DriftError
from drift.history.place import place
from drift.scan import Run
from drift.secret import BaseSecretStore, Held, OpenStore, Secret, SecretError, members, parted
from drift.secrets import Keyring, end_all, farewell, guests, keyring, reference, within
from tests import command

VALUE = "correct horse battery staple"


class Store(BaseSecretStore):
    """A store in memory, which counts what it is asked."""

    name = "test"
    _held: ClassVar[dict[str, Secret | SecretError | Callable[[], Secret]]] = {}
    _asked: ClassVar[list[str]] = []
    _closed: ClassVar[list[str]] = []

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        return _Opened()


class _Opened:
    def read(self, path: str, deadline: Deadline) -> Secret:
        Store._asked.append(path)
        found = Store._held[path]
        if isinstance(found, SecretError):
            raise found
        return found if isinstance(found, Secret) else found()

    def close(self, deadline: Deadline) -> None:
        Store._closed.append("closed")


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> type[Store]:
    """The store in memory, beside those that are installed."""
    known, loaded = plugins.names, plugins.secret_store
    monkeypatch.setattr(
        plugins, "names", lambda kind: (*known(kind), "test") if kind == "secrets" else known(kind)
    )
    monkeypatch.setattr(plugins, "secret_store", lambda name: Store() if name == "test" else loaded(name))
    monkeypatch.setattr(keyring, "_BACK_OFF", 0.0)
    Store._held, Store._asked, Store._closed = {"a/b": Secret({"password": VALUE, "n": 5})}, [], []
    return Store


def read(text: str, unneeded: tuple[str, ...] = (), env: Mapping[str, str] | None = None) -> Config:
    return parse(f"version: 1\n{text}", "drift.yaml", Path("/base"), None, env or {}, unneeded)


def complaint(ask: Callable[[], Any]) -> str:
    with pytest.raises(DriftError) as error:
        ask()
    return str(error.value)


def password(config: Config) -> Any:
    return config.channels["mail"][1].password  # type: ignore[attr-defined]


MAIL = (
    "mail: {sender: d@acme.io, to: [o@acme.io], via: {smtp: {host: mail.acme.io, user: u, password: '%s'}}}"
)


def test_a_value_is_looked_up_when_it_is_asked_for_and_once(store: type[Store]) -> None:
    config = read(MAIL % "test://a/b#password")
    assert isinstance(password(config), Held) and not store._asked
    assert password(config).get_secret_value() == VALUE
    assert password(config).get_secret_value() == VALUE
    assert store._asked == ["a/b"]


def test_a_reference_stands_in_a_text_too_beside_variables(store: type[Store]) -> None:
    said = "history: 'postgresql://${DB_USER:-drift}:${test://a/b#password}@db/${DB}'"
    database = read(said, env={"DB": "drift"}).remembers
    assert database is not None and database.database is not None
    assert database.database.get_secret_value() == f"postgresql://drift:{VALUE}@db/drift"


def test_what_a_variable_says_is_no_reference(store: type[Store]) -> None:
    env = {"BRANCH": "test://a/b#password", "OTHER": "${test://a/b#password}"}
    config = read("declared: [{git: https://h/x.git, ref: '${BRANCH}', path: '${OTHER}'}]", env=env)
    assert config.declared[0].ref == env["BRANCH"] and config.declared[0].path == env["OTHER"]
    assert not store._asked


@pytest.mark.parametrize(
    "said",
    [
        "${PASSWORD:-test://a/b#password}",
        "${test://a/${FOLDER}#password}",
        "${test://a/${NONE:-b}#password}",
        "test://a/${FOLDER}#password",
        " test://a/b#password ",
    ],
)
def test_a_default_is_a_reference_and_a_reference_has_variables(said: str, store: type[Store]) -> None:
    assert password(read(MAIL % said, env={"FOLDER": "b"})).get_secret_value() == VALUE
    assert store._asked == ["a/b"]


def test_a_variable_that_is_set_stands_for_its_default(store: type[Store]) -> None:
    found = password(read(MAIL % "${PASSWORD:-test://a/b#password}", env={"PASSWORD": "test://o/b#password"}))
    assert found.get_secret_value() == "test://o/b#password" and not store._asked


def test_a_field_that_can_not_wait_is_looked_up_when_it_is_read(store: type[Store]) -> None:
    config = read("live: {aws: {regions: ['test://a/b#password']}}\nworkers: 'test://a/b#n'")
    assert config.settings["aws"].regions == [VALUE]  # type: ignore[attr-defined]
    assert config.workers == 5


#: What reads a text, wherever in drift.yaml one may stand → what is read of it there.
ANYWHERE: dict[str, Callable[[Config], Any]] = {
    "declared: [{path: a, ref: '%s'}]": lambda found: found.declared[0].ref,
    "declared: [{path: a, options: {parameters: {p: '%s'}}}]": lambda found: found.declared[0].options[
        "parameters"
    ]["p"],
    "live: {aws: {regions: ['%s']}}": lambda found: found.settings["aws"].regions[0],
    "live: {azure: {credentials: '%s'}}": lambda found: found.settings[
        "azure"
    ].credentials.get_secret_value(),
    "redaction: {key: '%s'}": lambda found: found.redaction.key.get_secret_value(),
    "redaction: {public: ['%s']}": lambda found: found.redaction.public[0],
    "history: {database: '%s'}": lambda found: found.remembers.database.get_secret_value(),
    "output: {directory: '%s'}": lambda found: found.output.directory,
    "ignore: [{type: x, reason: '%s'}]": lambda found: found.ignore[0].reason,
    "severity: [{severity: low, why: w, type: '%s'}]": lambda found: found.severity[0].type,
    "owners: [{type: x, owner: '%s'}]": lambda found: found.owners[0].owner,
    "unmanaged: [{action: count, type: '%s'}]": lambda found: found.unmanaged[0].type,
    "undeclared: [{action: ignore, path: '%s'}]": lambda found: found.undeclared[0].path,
    "backends: {allow: ['%s']}": lambda found: found.backends.allow[0],
    "secrets: {vault: {login: {token: '%s'}}}": lambda found: found.keyring.settings(
        "vault"
    ).login.token.get_secret_value(),
    "environments: {default: {ref: '%s'}}\ndeclared: [{git: a}]": lambda found: found.declared[0].ref,
    MAIL: lambda found: password(found).get_secret_value(),
}


@pytest.mark.parametrize("text", ANYWHERE)
def test_two_dollars_are_one_that_begins_no_variable(text: str) -> None:
    name = "default" if text.startswith("environments") else None
    found = parse(f"version: 1\n{text % 'a$${B}c$d$${e'}", "drift.yaml", Path("/base"), name, {})
    assert ANYWHERE[text](found) == "a${B}c$d${e"


def test_two_dollars_in_a_reference(store: type[Store]) -> None:
    store._held["${A}b"] = Secret({"password": VALUE})
    for said in ("test://$${A}b#password", "${test://$${A}${C}#password}"):
        assert password(read(MAIL % said, env={"C": "b"})).get_secret_value() == VALUE


def test_what_has_the_mark_of_a_member_in_its_name_is_percent_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: type[Store]
) -> None:
    (tmp_path / "a#b").write_text(json.dumps({"c#d": VALUE, "50%": VALUE}))
    monkeypatch.setenv("A#B", json.dumps({"c#d": VALUE}))
    monkeypatch.setenv("DRIFT_SECRET_COMMANDS", "printf")
    for said in (
        f"file://{tmp_path}/a%23b#c%23d",
        f"file://{tmp_path}/a%23b#50%",
        "env://A%23B#c%23d",
        f'cmd://printf \'{{"c%23d": "{VALUE}"}}\'#c%23d',
    ):
        text = f"version: 1\n{MAIL.replace(chr(39) + '%s' + chr(39), json.dumps(said))}"
        config = parse(text, "drift.yaml", tmp_path, None, {})
        assert password(config).get_secret_value() == VALUE, said
    store._held["a%23b"] = Secret({"c#d": VALUE})  # each store reads its paths itself
    assert password(read(MAIL % "test://a%23b#c%23d")).get_secret_value() == VALUE
    assert parted("a%23b%3Fc%25?version=3") == ("a#b?c%", "version=3")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("output: {store: '%s'}", lambda found: found.output.store),
        ("engine: {dask: 'tcp://127.0.0.1:1', shared: '%s'}", lambda found: found.engine.shared),
        ("declared: [{git: '%s'}]", lambda found: found.declared[0].git),
        ("declared: [{path: '%s'}]", lambda found: found.declared[0].path),
    ],
)
def test_the_address_of_a_place_is_no_secret(
    text: str, told: Callable[[Config], Any], tmp_path: Path
) -> None:
    said = "file:///srv/drift"
    assert told(read(text % said)) == said
    (tmp_path / "kept").write_text(f"{said}\n")
    assert told(read(text % f"${{file://{tmp_path}/kept}}")) == said


@pytest.mark.parametrize(
    "text", ["output: {store: '%s'}", "engine: {dask: 'tcp://127.0.0.1:1', shared: '%s'}"]
)
def test_a_place_that_may_as_well_be_a_secret(text: str) -> None:
    why = complaint(lambda: read(text % "file:///run/secrets/places#store"))
    assert why.startswith("drift.yaml:2: ") and "write ${file:///run/secrets/places#store}" in why


def test_rules_and_places_mean_themselves(store: type[Store]) -> None:
    config = read(
        "ignore: [{reason: r, type: x, path: /a, live: 'test://a/b'}]\ndeclared: [{git: 'file:///srv/infra'}]"
    )
    assert config.ignore[0].live == "test://a/b" and config.declared[0].git == "file:///srv/infra"
    assert read("declared: [{git: 'test://a/b#password'}]").declared[0].git == VALUE


def test_what_a_command_does_not_need_is_not_looked_up(store: type[Store]) -> None:
    store._held["a/b"] = SecretError("is away")
    config = read(f"{MAIL % 'x'}\nnotify: [{{via: {{webhook: {{url: 'test://a/b#u'}}}}}}]", ("notify",))
    assert config.mail and not config.notify and not store._asked
    config = read("declared: [{git: 'test://a/b#u'}]", ("declared",))
    assert not config.declared and not store._asked


def test_another_environment_is_not_looked_up(store: type[Store]) -> None:
    text = "version: 1\nenvironments: {a: {ref: 'test://a/b#password'}, b: {ref: 'test://a/none'}}"
    config = parse(text, "drift.yaml", Path("/base"), "a", {})
    assert config.environments["a"].ref == VALUE and store._asked == ["a/b"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("test://a/b#other", "has no member of the name"),
        ("test://text#key", "is one text, no JSON object"),
        ("test://x/gone", "it is not there"),
    ],
)
def test_an_error_names_the_key_and_the_scheme_and_no_secret(said: str, why: str, store: type[Store]) -> None:
    store._held |= {"text": Secret(VALUE), "x/gone": SecretError("it is not there: x/gone")}
    message = complaint(password(read(MAIL % said)).get_secret_value)
    assert message.startswith("drift.yaml:2: mail.via.smtp.password (test): ") and why in message
    assert said not in message and VALUE not in message and "gone" not in message


def test_a_value_that_does_not_fit_is_not_shown(store: type[Store]) -> None:
    for text in (
        "mail: {sender: 'test://a/b#password', to: [o@acme.io], via: {smtp: {host: h}}}",
        "live: {gcp: {projects: ['test://a/b#password']}}",
        "declared: [{path: a, source: 'test://a/b#password'}]",
        "fail_on: '${test://a/b#password}'",
    ):
        message = complaint(lambda text=text: read(text))  # type: ignore[misc]
        assert message.startswith("drift.yaml:2: ") and VALUE not in message, message


def test_there_is_no_such_store() -> None:
    message = complaint(lambda: read("redaction: {key: '${vualt://a/b}'}"))
    assert message.startswith("drift.yaml:2: redaction.key: there is no secret store 'vualt'; installed are:")
    assert "drift.yaml:2: secrets.vualt: there is no secret store" in complaint(
        lambda: read("secrets: {vualt: {}}")
    )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("redaction: {key: 'valut://a/b#c'}", "redaction.key: there is no secret store 'valut'"),
        ("redaction: {key: 'op://a/b/c'}", "redaction.key: there is no secret store 'op'"),
        ("redaction: {key: '${drift-key}'}", "redaction.key: `${` begins no variable here"),
        ("redaction: {key: '${KEY'}", "redaction.key: `${` begins no variable here"),
        ("declared: [{path: 'awsm://a'}]", "declared.0.path: there is no secret store 'awsm'"),
        (MAIL % "vualt://a/b#c", "password: there is no secret store 'vualt'"),
        (
            "redaction: {key: 'VAULT://a/b#c'}",
            "redaction.key: is no reference as it is written; did you mean vault",
        ),
        (
            "redaction: {key: 'vault:/a/b#c'}",
            "redaction.key: is no reference as it is written; did you mean vault",
        ),
        (
            "redaction: {key: ' Vault:///a/b#c'}",
            "redaction.key: is no reference as it is written; did you mean vault",
        ),
    ],
)
def test_a_slip_in_a_reference_is_no_secret_that_everybody_reads(said: str, why: str) -> None:
    message = complaint(lambda: read(said))
    assert message.startswith("drift.yaml:2: ") and why in message
    assert "a/b" not in message


def test_what_looks_a_little_like_a_reference_means_itself() -> None:
    declared = "declared: [{path: 's3://b/k'}, {git: 'ssh://git@h/r', path: x}]\nredaction: {key: '${KEY}'}"
    assert len(read(declared, env={"KEY": "op://said/by#another"}).declared) == 2
    read("ignore: [{type: T, path: '/a/${aws:username}', reason: r, owner: o, until: 2099-01-01}]")


def test_what_breaks_off_is_tried_again_and_then_told(store: type[Store]) -> None:
    answers: list[Secret | SecretError] = [SecretError("busy", temporary=True, wait=0), Secret(VALUE)]

    def answer() -> Secret:
        found = answers.pop(0)
        if isinstance(found, SecretError):
            raise found
        return found

    store._held["flaky"] = answer
    assert password(read(MAIL % "test://flaky")).get_secret_value() == VALUE
    store._held["down"] = SecretError("can't be reached", temporary=True)
    store._asked.clear()
    message = complaint(password(read(MAIL % "test://down")).get_secret_value)
    assert message.endswith("(test): can't be reached") and len(store._asked) == keyring.TRIES


def test_a_store_that_wants_a_long_wait_is_not_waited_for(store: type[Store]) -> None:
    store._held["busy"] = SecretError("refuses more calls for now", temporary=True, wait=3600)
    message = complaint(password(read(MAIL % "test://busy")).get_secret_value)
    assert message.endswith("(test): refuses more calls for now") and store._asked == ["busy"]


def test_a_store_that_does_not_answer_is_left(store: type[Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "SECONDS", 1.0)
    never = threading.Event()

    def hang() -> Secret:
        never.wait(60)
        return Secret("")

    store._held["hangs"] = hang
    message = complaint(password(read(MAIL % "test://hangs")).get_secret_value)
    never.set()
    assert message.endswith("it did not answer within 1 seconds")


def test_what_is_lent_is_asked_for_again_when_half_of_its_time_is_over(store: type[Store]) -> None:
    left = [100.0]
    store._held["lent"] = lambda: Secret(VALUE, lambda: left[0])
    held = password(read(MAIL % "test://lent"))
    assert held.lent() == (VALUE, 100.0)
    left[0] = 60.0
    assert held.lent() == (VALUE, 60.0) and store._asked == ["lent"]
    left[0] = 40.0
    assert held.lent() == (VALUE, 40.0) and store._asked == ["lent", "lent"]


def test_stores_are_closed_once_by_the_process_that_opened_them(store: type[Store]) -> None:
    config = read(MAIL % "test://a/b#password")
    end_all()  # those of other tests
    store._closed.clear()
    end_all()
    assert not store._closed
    password(config).get_secret_value()
    config.keyring._process = os.getpid() + 1
    config.keyring.close()
    assert not store._closed
    password(config).get_secret_value()
    end_all()
    end_all()
    assert store._closed == ["closed"]


def test_a_secret_shows_and_sends_itself_nowhere(store: type[Store]) -> None:
    config = read(MAIL % "test://a/b#password")
    held = password(config)
    held.get_secret_value()
    shown = [repr(held), str(held), repr(config), str(config.channels), config.model_dump_json(), f"{held!r}"]
    assert not [one for one in shown if VALUE in one or "a/b" in one]
    assert copy.deepcopy(held) is held
    with pytest.raises(TypeError, match="sent to none"):
        pickle.dumps(config.keyring)


def test_another_process_is_told_where_a_secret_is_kept_and_looks_it_up(store: type[Store]) -> None:
    config = read(MAIL % "${test://a/b#password}!")
    password(config).get_secret_value()
    text = pickle.dumps(password(config))
    assert VALUE.encode() not in text
    with guests() as rings:
        there = pickle.loads(text)
        assert pickle.loads(text).get_secret_value() == there.get_secret_value() == f"{VALUE}!"
    assert store._asked == ["a/b", "a/b"]  # by each process once
    ring = rings[config.keyring.id]
    assert ring is not config.keyring
    heard: list[str] = []
    ring.hear(heard.append)
    assert f"{VALUE}!" in heard
    farewell(rings)
    with guests() as others:
        pickle.loads(text)
    assert others[config.keyring.id] is not ring
    store._held["a/b"] = SecretError("is away")
    config = read(MAIL % "test://a/b#password")
    message = complaint(pickle.loads(pickle.dumps(password(config))).get_secret_value)
    assert message == "drift.yaml:2: mail.via.smtp.password (test): is away"


def test_a_secret_that_the_file_itself_says_is_sent_to_no_process(store: type[Store]) -> None:
    stores = "secrets: {vault: {login: {token: '%s'}}}"
    config = read(f"{stores % 'said by itself'}\n{MAIL % 'test://a/b#password'}")
    message = complaint(lambda: pickle.dumps(password(config)))
    assert message.startswith("secrets.vault.login.token: drift.yaml says this secret itself")
    config = read(f"{stores % 'env://VAULT_TOKEN'}\n{MAIL % 'test://a/b#password'}")
    assert pickle.loads(pickle.dumps(password(config))).get_secret_value() == VALUE


def test_settings_are_written_down_without_a_look_at_what_is_kept(store: type[Store]) -> None:
    account = "{id: '123456789012', credentials: 'test://a/b', external_id: 'test://a/b#password'}"
    live = f"live: {{aws: {{accounts: [{account}]}}, kubernetes: {{kubeconfig: 'test://a/b'}}}}"
    for settings in read(live).settings.values():
        assert "test" not in str(settings.model_dump(mode="json"))
    assert not store._asked


def test_what_is_looked_up_is_hidden_in_all_that_a_run_tells(store: type[Store]) -> None:
    early = read("redaction: {key: 'test://a/b#password'}\ndeclared: [{path: 'test://a/b#n'}]")
    config = read(f"redaction: {{key: 'test://a/b#password'}}\n{MAIL % 'test://later'}")
    store._held["later"] = Secret('{"login": {"token": "zXy-09876-longer"}}')
    run = Run(config)
    assert VALUE not in run.told(f"it was {VALUE}") and "test://a/b" not in run.told("at test://a/b#password")
    password(config).get_secret_value()
    told = run.redactor.known.document({"live": "Bearer zXy-09876-longer", "key": VALUE})
    assert "zXy-09876" not in str(told) and VALUE not in str(told)
    assert Run(early).redactor.key_id == run.redactor.key_id


def test_what_is_needed_at_the_end_is_known_before_anything_is_told(store: type[Store]) -> None:
    config = read(MAIL % "test://a/b#password")
    store._held["away"] = SecretError("is away")
    ring = config.keyring
    away = ring.held((reference.reference("test://away"),), "drift.yaml:9: x")
    assert [place for place, _ in within(config.channels["mail"][1])] == [("password",)]
    run = Run(config)
    ring.had([away, password(config)])
    assert sorted(store._asked) == ["a/b", "away"] and VALUE not in run.told(VALUE)


def test_what_an_earlier_run_told_is_hidden_once_it_is_known_to_be_secret(
    store: type[Store], tmp_path: Path
) -> None:
    def snapshot(value: str) -> Path:
        record = {
            "provider": "kubernetes",
            "scope": "c",
            "type": "v1/ConfigMap",
            "id": "default/a",
            "name": "a",
        }
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}
        attributes = {**body, "data": {"notes": value}}
        (tmp_path / "live.jsonl").write_text(json.dumps({**record, "attributes": attributes}) + "\n")
        return tmp_path / "live.jsonl"

    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {notes: other}\n"
    )
    remembered = place(str(tmp_path / "history.db"))
    reports = []
    for value, more in ((f"at first {VALUE}", ""), ("then", "redaction: {key: 'test://a/b#password'}")):
        config = read(f"declared: [{{path: a.yaml, scope: c}}]\n{more}")
        config._base = tmp_path
        result = Run(config, live=[snapshot(value)], remembered=remembered).scan()
        assert result.history is not None
        result.history.written()
        reports.append(json.dumps(result.report))
    assert VALUE in reports[0]
    assert '"was"' in reports[1] and "at first $secret:" in reports[1] and VALUE not in reports[1]


def test_settings_of_a_store_do_not_lead_in_circles(store: type[Store]) -> None:
    ring = Keyring()
    inner = ring.held((reference.reference("test://a/b#password"),), "drift.yaml:3: secrets.test.token")
    store._held["loop"] = lambda: Secret(inner.get_secret_value())
    held = ring.held((reference.reference("test://loop"),), "drift.yaml:2: redaction.key")
    assert "refer to itself" in complaint(held.get_secret_value)


def test_the_members_of_a_json_secret() -> None:
    names = {"key": ("access_key", "AccessKeyId"), "token": ("session_token",)}
    assert members('{"AccessKeyId": "a", "session_token": ""}', names) == {"key": "a"}
    with pytest.raises(SecretError, match="is no JSON object; name a whole secret"):
        members("[1]", names)


# Stores of this machine


def test_env_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFT_TEST_SECRET", json.dumps({"password": VALUE}))
    (tmp_path / "mail").write_text(f"{VALUE}\n")
    path = tmp_path / "drift.yaml"
    for said in ("env://DRIFT_TEST_SECRET#password", "file://mail", f"file://{tmp_path}/mail"):
        path.write_text("version: 1\n" + MAIL % said)
        assert password(load(path)).get_secret_value() == VALUE
    for said, why in (
        ("env://DRIFT_TEST_NONE", "(env): the environment variable is not set"),
        ("file://none/there", "(file): the file: can't be read: No such file or directory"),
        (f"file://{tmp_path}", "(file): the file: is a folder"),
    ):
        path.write_text("version: 1\n" + MAIL % said)
        message = complaint(password(load(path)).get_secret_value)
        assert why in message and message.startswith(f"{path}:2: mail.via.smtp.password ("), message
        assert "none/there" not in message and "DRIFT_TEST_NONE" not in message


def test_a_command_is_run_only_where_whoever_starts_drift_allows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drift.yaml"
    path.write_text("version: 1\n" + MAIL % "cmd://printf '' 'hunter two'".replace("'", "''"))
    message = complaint(password(load(path)).get_secret_value)
    assert "may not run this program by itself" in message and "DRIFT_SECRET_COMMANDS" in message
    monkeypatch.setenv("DRIFT_SECRET_COMMANDS", "pass")
    assert "may not run" in complaint(password(load(path)).get_secret_value)
    monkeypatch.setenv("DRIFT_SECRET_COMMANDS", "pass:printf:false")
    path.write_text("version: 1\n" + MAIL % 'cmd://printf "hunter two; echo x\\n"')
    assert password(load(path)).get_secret_value() == "hunter two; echo x"
    path.write_text("version: 1\n" + MAIL % "cmd://false")
    assert "ended with exit code 1" in complaint(password(load(path)).get_secret_value)


# As people meet it


def test_a_run_that_lacks_a_secret_it_needs_ends_with_one_error(tmp_path: Path) -> None:
    (tmp_path / "drift.yaml").write_text("version: 1\nredaction: {key: 'env://NOT_THERE_EITHER'}\n")
    (tmp_path / "live.jsonl").write_text('{"format": "drift-snapshot/1", "coverage": []}\n')
    code, out, err = command.run(tmp_path, ["scan", "--live", "live.jsonl"], {"PATH": os.environ["PATH"]})
    assert code == 1 and not out and len(err.splitlines()) == 1, err
    assert re.search(r"drift\.yaml:2: redaction\.key \(env\): the environment variable is not set", err)
    assert "NOT_THERE_EITHER" not in err
    code, _, err = command.run(tmp_path, ["history", "list"], {"PATH": os.environ["PATH"]})
    assert "(env)" not in err


def test_a_wrong_error_type_is_not_the_stores() -> None:
    assert issubclass(SecretError, DriftError) and not issubclass(SecretError, ConfigError)
