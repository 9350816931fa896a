"""Data, scripts and styles in a page."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from tripod.report.page import embedding

HOSTILE = ["</script>", "<!--", "]]>", "&lt;", "\u2028\u2029", "\ud800", "\x00\x1f", "é", '"\\', "<script"]


@pytest.mark.parametrize("text", HOSTILE)
def test_data_stay_as_they_are_and_end_no_script(text: str) -> None:
    """Every text comes back, and no character that could begin markup stands in the page."""
    document = {text: [text, 1.5, None, True]}
    made = embedding.json_for_script(document)
    assert json.loads(made) == document
    assert made.isascii()
    assert made.isprintable()
    assert not set("<>&") & set(made)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_of_json_is_refused(number: float) -> None:
    """A page that no browser could read is not made."""
    with pytest.raises(ValueError, match="JSON"):
        embedding.json_for_script({"rps": number})


def test_the_policy_names_each_script_and_nothing_else() -> None:
    """Nothing may be fetched, sent, or made of text; scripts and styles are known by what they are."""
    made = dict(part.split(" ", 1) for part in embedding.policy(["let a = 1;"], ["p {}"]).split("; "))
    digest = base64.b64encode(hashlib.sha256(b"let a = 1;").digest()).decode()
    assert made["default-src"] == made["base-uri"] == made["form-action"] == "'none'"
    assert made["script-src"] == f"'sha256-{digest}'"
    assert made["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in str(made)
