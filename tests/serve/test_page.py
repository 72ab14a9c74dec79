"""The page as text: what it may load, and the report that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from vartai.serve.inspector.page import report_page, served_page
from vartai.serve.served_page import ServedPage
from vartai.serve.service.page.page import service_page

pages = pytest.mark.parametrize("page", [served_page(), service_page()], ids=["page", "try"])


@pages
def test_the_policy_lets_nothing_in_from_elsewhere(page: ServedPage) -> None:
    parts = dict(part.strip().split(" ", 1) for part in page.policy.split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["connect-src"] == "'self'"
    assert "unsafe" not in parts["script-src"]
    assert "http" not in page.policy


@pages
def test_the_policy_names_the_only_script_that_stands_in_the_page(page: ServedPage) -> None:
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL)
    inline = [(kind, text) for kind, text in scripts if text]
    assert [kind.strip() for kind, _ in inline] == ['type="importmap"']
    digest = base64.b64encode(hashlib.sha256(inline[0][1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.policy


@pages
def test_every_module_that_a_module_imports_is_served(page: ServedPage) -> None:
    assert page.entry in page.scripts
    for name, text in page.scripts.items():
        for imported in re.findall(r'from "([^"]+)"', text):
            assert imported in page.scripts, f"{name} imports {imported}"


@pages
def test_no_part_of_the_page_names_another_machine(page: ServedPage) -> None:
    for name, text in {**page.scripts, "page": page.text}.items():
        assert not re.search(r"https?://|//[\w-]+\.\w", text.replace("// ", "")), name


@pages
def test_text_never_becomes_markup(page: ServedPage) -> None:
    for name, text in page.scripts.items():
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in text, f"{name} uses {way}"


def test_what_a_report_holds_cannot_end_its_script_element() -> None:
    held = {"text": "</script><script>alert(1)</script>\u2028<!--"}
    text = report_page(held)
    stored = re.search(
        r'<script type="application/json" id="stored">(.*?)</script>', text, re.DOTALL
    )
    assert stored is not None
    assert json.loads(stored[1]) == held
    assert "alert(1)</script>" not in text
    assert "default-src 'none'" in text
