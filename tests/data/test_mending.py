from __future__ import annotations

from vartai.data.mending import Mender


def test_clean_texts_leave_no_note() -> None:
    mender = Mender(fix_text=True)
    assert mender.apply("Ąžuolas – medis", 1) == "Ąžuolas – medis"
    assert mender.notes() == []


def test_many_lost_texts_are_counted_and_the_first_named() -> None:
    mender = Mender(fix_text=True)
    for line in range(1, 31):
        assert mender.apply("krypÄiai", line) == "krypÄiai"
    (note,) = mender.notes()
    assert note.startswith("30 texts were decoded with the wrong encoding, cannot be mended whole")
    assert "line 1, 2, 3," in note
    assert note.endswith("20, ….")


def test_an_example_shows_the_change() -> None:
    mender = Mender(fix_text=True)
    assert mender.apply("x" * 100 + " lÄ…stelÄ—s", 5).endswith("ląstelės")
    assert "line 5: " in mender.notes()[0]
    assert "ląstelės' and" not in mender.notes()[0]
    assert "became" in mender.notes()[0]
