"""Secrets: hidden by fact, by their source's word, by name and by look; the same on both sides; nothing
else."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.facts import TypeFacts
from drift.model import Sensitive, Unresolved
from drift.redaction import Redactor, is_secret
from drift.redaction.guess import looks_secret
from tests.comparing import facts, resource

SECRET = "hunter22-correct-horse"


def hidden(attributes: dict[str, Any], known: TypeFacts | None = None) -> Any:
    return Redactor("k").resource(resource(attributes), (known or facts()).root).attributes


@pytest.mark.parametrize(
    "attributes",
    [
        {"Password": SECRET},
        {"MasterUserPassword": SECRET},
        {"Env": {"DB_PASSWORD": SECRET, "API_KEY": SECRET}},
        {"Tags": [{"Key": "db-password", "Value": SECRET}]},
        {"Tags": [{"Key": "db-password", "Value": SECRET, "PropagateAtLaunch": True}]},
        {"Environment": [{"Name": "AUTH_TOKEN", "Value": SECRET}]},
        {"env": [{"name": "AUTH_TOKEN", "value": SECRET}]},
        {"Url": f"postgres://app:{SECRET}@db/app"},
        {"Text": f"Server=db;Password={SECRET};"},
        {"Key": f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}"},
        {"A": Sensitive(SECRET), "B": f"also {SECRET} here"},
        {"A": Sensitive({"x": [SECRET]}), "B": {"C": [SECRET]}},
    ],
)
def test_no_secret_is_left(attributes: dict[str, Any]) -> None:
    assert SECRET not in repr(hidden(attributes))


def test_a_secret_inside_of_a_document_in_a_text() -> None:
    known = facts(Doc={"kind": "json"})
    one = hidden({"Doc": json.dumps({"env": {"PASSWORD": SECRET, "A": 1}})}, known)
    assert SECRET not in repr(one)
    assert one == hidden({"Doc": {"env": {"PASSWORD": SECRET, "A": 1}}}, known)
    plain = {"Doc": '{"a": 1}'}
    assert hidden(plain, known) == plain


def test_a_fact_hides_every_leaf_and_keeps_the_shape() -> None:
    found = hidden({"P": {"a": "x", "b": ["y", 5], "c": None}}, facts(P={"secret": True}))
    assert is_secret(found["P"]["a"])
    assert [is_secret(one) for one in found["P"]["b"]] == [True, True]
    assert found["P"]["c"] is None


def test_equal_secrets_have_equal_hashes_and_other_keys_other_ones() -> None:
    assert Redactor("k").hide(SECRET) == Redactor(b"k").hide(SECRET)
    assert Redactor("k").hide(SECRET) != Redactor("k").hide(SECRET + "!")
    assert Redactor("k").hide(SECRET) != Redactor("l").hide(SECRET)
    assert Redactor("k").key_id != Redactor("l").key_id


@pytest.mark.parametrize("empty", [None, "", b""])
def test_without_a_key_it_is_random(empty: Any) -> None:
    """An empty key, as from a variable that is not set, would let anybody guess short secrets."""
    assert Redactor(empty).hide(SECRET) != Redactor(empty).hide(SECRET)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SecretArn", "arn:aws:secretsmanager:us-east-1:1:secret:x"),
        ("PasswordPolicy", "strict"),
        ("AccessKeyId", "some-id"),
        ("TokenType", "bearer"),
        ("PasswordEnabled", "true"),
        ("ManageMasterUserPassword", "true"),
        ("Description", "rotate the thing"),
        ("Endpoint", "https://example.com/a:b"),
    ],
)
def test_what_only_looks_like_a_secret(name: str, value: str) -> None:
    assert not looks_secret(name, value)
    assert hidden({name: value}) == {name: value}


def test_guesses_never_touch_a_path_that_has_a_kind() -> None:
    known = facts(AuthToken={"kind": "url"})
    assert hidden({"AuthToken": "https://example.com"}, known) == {"AuthToken": "https://example.com"}


def test_unknown_values_and_hidden_ones_stay() -> None:
    unknown = Unresolved("why")
    already = Redactor("other").hide(SECRET)
    found = hidden({"Password": unknown, "Secret": already}, facts(Secret={"secret": True}))
    assert found == {"Password": unknown, "Secret": already}


def test_what_looks_hidden_is_not() -> None:
    assert SECRET not in repr(hidden({"A": {"$secret": SECRET}}))
    assert SECRET not in repr(
        hidden({"P": {"$secret": {"key": 1, "hmac": SECRET}}}, facts(P={"secret": True}))
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["Password", "Tags", "Key", "Value", "Name", "A"]), JSON))
def test_hiding_is_idempotent_and_the_same_everywhere(attributes: dict[str, Any]) -> None:
    once = hidden(attributes)
    assert hidden(once) == once
    assert hidden(json.loads(json.dumps(attributes))) == once


def test_a_secret_that_is_a_name_is_hidden_and_stays_comparable() -> None:
    token = "ghp_" + "aB3" * 12
    for attributes in (
        {"Variables": {token: "1"}},
        {"Tags": {token: {"a": [1]}}},
        {"Text": json.dumps({token: 1})},
    ):
        one, same = (Redactor("k").resource(resource(attributes), facts().root).attributes for _ in "xx")
        assert token not in repr(one)
        assert one == same
    long = {"Variables": {"a-long-but-harmless-name/of/Something.Else:1": "1"}}
    assert Redactor("k").resource(resource(long), facts().root).attributes == long


def test_a_text_that_is_known_to_be_secret_is_hidden_in_names_too() -> None:
    hidden = Redactor("k").resource(
        resource({"Map": {"x-hunter2hunter2": 1}}), facts().root, {"hunter2hunter2"}
    )
    assert "hunter2" not in repr(hidden.attributes)


@pytest.mark.parametrize("option", ["--password", "-password", "--db-token", "--api_key"])
def test_an_argument_that_an_option_asks_for_is_hidden(option: str) -> None:
    for arguments in (["serve", option, SECRET], [option, SECRET, "--verbose"]):
        for body in ({"args": arguments}, {"Text": json.dumps({"command": arguments})}):
            assert SECRET not in repr(hidden(body))
    for kept in (
        ["--password-file", "/run/secret"],
        ["--password", "--verbose"],
        ["--token", "$(TOKEN)"],
        ["password", "user"],
    ):
        assert hidden({"args": kept}) == {"args": kept}


def test_a_secret_in_binary_data_is_hidden_in_every_spelling() -> None:
    known = facts(binaryData__ANY={"kind": "base64"})
    text = base64.b64encode(f"DB_PASSWORD={SECRET}\n".encode()).decode()
    one = hidden({"binaryData": {"a": text}}, known)
    assert text not in repr(one) and "$secret" in repr(one)
    assert one == hidden({"binaryData": {"a": text[:20] + "\n" + text[20:].rstrip("=")}}, known)
    logo = base64.b64encode(b"a plain text that is long enough to be looked at").decode()
    assert hidden({"binaryData": {"a": logo}}, known) == {"binaryData": {"a": logo}}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("url", f"https://deploy:{SECRET}@example.com/hook"),
        ("json", f'{{"a": 1, "password": "{SECRET}"'),
        ("yaml", f"a: [1\npassword: {SECRET}"),
        ("xml-whitespace", f"<a><password>{SECRET}</password></a>"),
    ],
)
def test_a_secret_in_a_text_of_a_kind_is_hidden(kind: str, text: str) -> None:
    assert SECRET not in repr(hidden({"Body": text}, facts(Body={"kind": kind})))


def test_a_document_without_secrets_stays_whatever_it_is_called() -> None:
    body = {"SecretTemplate": '{"user": "app"}', "TokenUrl": "https://id.example.com/token"}
    known = facts(SecretTemplate={"kind": "json"}, TokenUrl={"kind": "url"})
    assert hidden(body, known) == body
