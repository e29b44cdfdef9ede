"""`attnviz cache`: how large it is, and room made by deleting what was not used for longest."""

import os
import re

import click
import pytest

from attnviz.commands._options import cache_option
from attnviz.commands.cache import Size
from attnviz.input.problems import ProblemsFound


@pytest.mark.slow
def test_what_is_kept_is_counted_by_kind(lecture):
    first, *kinds = lecture.run("cache").splitlines()
    files = sum(path.is_file() for path in lecture.cache.glob("*/*/*"))
    assert re.fullmatch(rf"{re.escape(str(lecture.cache))}: \d+\.\d MB in {files} files", first)
    amounts = {line.split()[0]: line for line in kinds}
    assert {"films", "objects", "reports", "steps", "traces"} <= set(amounts)
    assert re.fullmatch(r"  films +\d+\.\d MB in 7 files, the oldest used 0\.0 days ago", amounts["films"])


def test_a_cache_that_is_not_there_is_told(lecture, monkeypatch):
    from click.testing import CliRunner

    from attnviz.cli import app

    lecture.cache = lecture.folder / "nothing"
    with pytest.raises(ProblemsFound, match=f"^{re.escape(str(lecture.cache))}: there is no such folder$"):
        lecture.run("cache")
    monkeypatch.chdir(lecture.folder)
    monkeypatch.delenv("ATTNVIZ_CACHE", raising=False)
    done = CliRunner().invoke(app, ["cache", "--prune", "0"])  # nobody has named it, and no harm is done
    assert (done.exit_code, done.stdout) == (0, "there is no folder .attnviz yet; rendering makes it\n")
    assert not lecture.cache.exists()


def test_the_environment_can_name_it(lecture, monkeypatch):
    from click.testing import CliRunner

    from attnviz.cli import app

    monkeypatch.setenv("ATTNVIZ_CACHE", str(lecture.cache))
    assert CliRunner().invoke(app, ["cache"]).stdout == lecture.run("cache")


@pytest.mark.slow
def test_all_can_be_deleted_and_is_made_again(lecture):
    before = lecture.files()
    deleted, left = lecture.run("cache", "--prune", 0).splitlines()
    assert re.fullmatch(r"deleted \d+\.\d MB in \d+ files", deleted)
    assert left == f"{lecture.cache}: 0.0 MB in 0 files"
    assert lecture.files() == before
    assert set(lecture.plan().values()) == {"never rendered"}
    assert lecture.render() == 7
    assert lecture.files() == before


def test_what_was_used_lately_stays(lecture):
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
    lecture.render()
    size = sum(path.stat().st_size for path in lecture.cache.glob("*/*/*"))
    assert lecture.run("cache", "--prune", "1G").startswith("deleted 0.0 MB in 0 files\n")
    lecture.run("cache", "--prune", size - 1)
    assert 0 < sum(path.stat().st_size for path in lecture.cache.glob("*/*/*")) < size
    assert lecture.plan() == {}


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("500M", 500_000_000), ("2GB", 2_000_000_000), ("1.5 k", 1500), ("7b", 7), ("1T", 10**12)],
)
def test_sizes_are_written_as_people_write_them(text, size):
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["much", "-1", "1X", "1 2", "", "nan"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(click.BadParameter, match="is not a size: write it like 500M or 2G"):
        Size().convert(text, None, None)


@pytest.mark.parametrize("before", [None, "elsewhere"])
def test_the_folder_is_told_to_all_until_the_command_ends(tmp_path, monkeypatch, before):
    monkeypatch.delenv("ATTNVIZ_CACHE", raising=False)
    if before:
        monkeypatch.setenv("ATTNVIZ_CACHE", before)
    told = []
    probe = click.Command("probe", params=[], callback=lambda cache: told.append((cache, os.environ["ATTNVIZ_CACHE"])))
    cache_option(probe)
    probe.main(["--cache", str(tmp_path)], standalone_mode=False)
    assert told == [(tmp_path, str(tmp_path))]
    assert os.environ.get("ATTNVIZ_CACHE") == before
