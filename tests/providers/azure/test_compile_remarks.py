"""What the docstrings of Microsoft's models remark, and what is no remark."""

from __future__ import annotations

from typing import Any

import pytest

from providers.azure.compile_remarks import default, marked, remarks

DOCSTRING = """A topic.

    :ivar max_size: How large it may
     grow. Default value is 1024.
    :vartype max_size: int
    :ivar kind: What it is. Known values are: "a" and "b".
    :vartype kind: str or ~x.models.Kind
    """


def test_a_remark_of_several_lines() -> None:
    assert remarks(DOCSTRING) == {
        "max_size": "How large it may grow. Default value is 1024.",
        "kind": 'What it is. Known values are: "a" and "b".',
    }


@pytest.mark.parametrize(
    ("text", "type", "words", "expected"),
    [
        ("Default value is 1024.", "integer", (), 1024),
        ("By default it is true.", "boolean", (), True),
        ("If not specified, the default is false", "boolean", (), False),
        ("Defaults to 'Stable'.", "string", (), "Stable"),
        ("The default is stable.", "string", ("Preview", "Stable"), "Stable"),
        ("The default is stable.", "string", (), None),
        ("Default value is true for new ones.", "boolean", (), None),
        ("Default is 5 (five).", "string", (), None),
        ("Default is 1. For premium, default is 2.", "integer", (), None),
        ("The default route.", "string", (), None),
    ],
)
def test_a_default_that_is_sure(text: str, type: str, words: tuple[str, ...], expected: Any) -> None:
    assert default(text, type, words) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Its state. Read-only.", {"o": 1}),
        ("[Readonly] Its state.", {"o": 1}),
        ("This is a read-only property and any attempt to set it is refused.", {"o": 1}),
        ("How many read-only replicas there are.", {}),
        ("Whether access is read only.", {}),
        ("The password. It is never returned.", {"w": 1}),
        ("This property is deprecated.", {"w": 1}),
        ("Deprecated. Use sku.", {"w": 1}),
        ("When the image is taken away, images of this deprecated family too.", {}),
        ("Only flags that are set are included in the answer's list.", {}),
    ],
)
def test_what_a_remark_says_of_reading(text: str, expected: dict[str, Any]) -> None:
    assert marked({"t": "string"}, text) == expected
