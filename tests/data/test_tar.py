from __future__ import annotations

import gzip
import io
import re
import tarfile
from pathlib import Path

import pytest

from vartai.data.sources import ByteSource
from vartai.data.tar import iter_members, split_member
from vartai.errors import InputError

FILES = {
    "stories/one.txt": b"1 A.\n" * 300,
    "stories/two.txt": b"",
    "n" * 60 + "/" + "x" * 90: b"long",
}


def archive(folder: Path, form: int, suffix: str = ".tar.gz") -> str:
    path = folder / f"made{suffix}"
    with tarfile.open(path, "w:gz" if suffix.endswith("gz") else "w", format=form) as made:
        made.addfile(_entry("stories", kind=tarfile.DIRTYPE))
        for name, data in FILES.items():
            made.addfile(_entry(name, size=len(data)), io.BytesIO(data))
        made.addfile(_entry("stories/link.txt", kind=tarfile.SYMTYPE, target="/etc/passwd"))
    return str(path)


def _entry(
    name: str, *, size: int = 0, kind: bytes = tarfile.REGTYPE, target: str = ""
) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.linkname = size, kind, target
    return entry


def read_all(path: str, pattern: str) -> dict[str, bytes]:
    with ByteSource(path) as source:
        return {member.name: member.read(10_000) for member in iter_members(source, pattern)}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("suffix", [".tar.gz", ".tar"])
def test_every_ordinary_file_comes_with_its_name_and_bytes(
    form: int, suffix: str, tmp_path: Path
) -> None:
    path = archive(tmp_path, form, suffix)
    assert read_all(path, "*") == FILES
    assert read_all(path, "stories/o*") == {"stories/one.txt": FILES["stories/one.txt"]}


def test_a_member_that_is_not_read_is_passed_over(tmp_path: Path) -> None:
    with ByteSource(archive(tmp_path, tarfile.PAX_FORMAT)) as source:
        assert [member.name for member in iter_members(source, "*")] == list(FILES)


def test_peeking_takes_nothing(tmp_path: Path) -> None:
    with ByteSource(archive(tmp_path, tarfile.PAX_FORMAT)) as source:
        member = next(iter_members(source, "*/one.txt"))
        assert member.peek(3) == b"1 A"
        assert member.read(2) + member.read(1) + member.read(10_000) == FILES["stories/one.txt"]
        assert member.file.endswith("made.tar.gz/stories/one.txt")


def test_a_pattern_that_nothing_matches_names_what_there_is(tmp_path: Path) -> None:
    path = archive(tmp_path, tarfile.PAX_FORMAT)
    with pytest.raises(InputError, match=re.escape("no member matches '*.csv'; there are stories")):
        read_all(path, "*.csv")


def test_an_archive_that_is_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.tar"
    path.write_bytes(Path(archive(tmp_path, tarfile.USTAR_FORMAT, ".tar")).read_bytes()[:1500])
    with pytest.raises(InputError, match="stops in the middle of this member"):
        read_all(str(path), "*/two.txt")


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "no.tar.gz"
    path.write_bytes(gzip.compress(b"x" * 2000))
    with pytest.raises(InputError, match="not octal"):
        read_all(str(path), "*")


def test_a_name_that_claims_a_megabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    entry = _entry("huge", size=1 << 20, kind=tarfile.GNUTYPE_LONGNAME)
    path = tmp_path / "huge.tar"
    path.write_bytes(entry.tobuf(tarfile.GNU_FORMAT) + b"x" * 2000)
    with pytest.raises(InputError, match="a name of 1,048,576 bytes"):
        read_all(str(path), "*")


def test_a_folder_that_is_called_like_an_archive_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.tar").mkdir()
    inside = f"{tmp_path}/x.tar/story.txt"
    assert split_member(inside) == (inside, None)
