"""The docs say what the program does: generated pages, command names, links, pictures."""

from __future__ import annotations

import itertools
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from attnviz.cli import COMMANDS
from attnviz.commands.pages import PAGES, main
from attnviz.stage.layout import faults

if TYPE_CHECKING:
    from attnviz.testing import RehearsedShot

ROOT = Path(__file__).parent.parent
MARKDOWN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_generated_pages_are_up_to_date() -> None:
    """In a process of its own: click writes a command's help as it was first asked for, by other tests perhaps."""
    command = [sys.executable, "-m", "attnviz.commands.pages", "docs", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_picture_of_the_rooms_is_up_to_date_and_small() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "rooms.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (ROOT / "docs" / "pictures" / "rooms.svg").stat().st_size < 100_000


def test_every_room_is_in_the_picture() -> None:
    drawn = re.findall(r">(?:attnviz\.(\w+)|(scenes)/)<", (ROOT / "docs" / "pictures" / "rooms.svg").read_text())
    rooms = {path.parent.name for path in (ROOT / "attnviz").glob("*/__init__.py")}
    assert {room or scenes for room, scenes in drawn} == rooms | {"scenes"}


def test_modules_in_the_architecture_exist() -> None:
    named = re.findall(r"`([\w/]+(?:\.py|/))`", (ROOT / "docs" / "architecture.md").read_text())
    there = [f"/{path.relative_to(ROOT)}" for path in (*ROOT.glob("attnviz/**/*"), *ROOT.glob("[ts]*/**/*"))]
    assert len(named) > 20
    assert [each for each in named if not any(path.endswith(f"/{each.rstrip('/')}") for path in there)] == []


def test_a_number_passes_few_files_on_its_way_to_the_screen() -> None:
    way = (ROOT / "docs" / "architecture.md").read_text().partition("## One number, from YAML to pixel")[2]
    files = re.findall(r"^\d+\. `([\w/.]+)`", way, flags=re.MULTILINE)
    assert 20 < len(files) <= 30
    assert len(set(files)) == len(files)
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_writing_the_pages_makes_them_up_to_date(tmp_path: Path) -> None:
    assert main(tmp_path, check=True) == 1
    assert main(tmp_path, check=False) == 0
    assert main(tmp_path, check=True) == 0


def test_the_page_of_arrays_has_those_of_every_transformer() -> None:
    from attnviz.model.transformer_arrays import arrays_of
    from attnviz.model.transformer_config import TransformerConfig

    page = PAGES["arrays.md"]()
    listed = {tuple(row.split(" | ")[:2]) for row in page.splitlines() if row.startswith("| `")}
    kinds = ["decoder", "encoder", "encoder_decoder"], ["none", "sinusoidal", "learned", "rotary"]
    feeding = ["relu", "swiglu"], ["layer", "rms"], ["before", "after"], [True, False]
    shape = {"vocabulary": 5, "context": 5, "layers": 2, "d_model": 8, "heads": 2}
    for chosen in itertools.product(*kinds, *feeding):
        names = ("architecture", "positions", "feed_forward", "norm", "norm_position", "bias")
        config = TransformerConfig.model_validate(shape | dict(zip(names, chosen, strict=True)))
        wanted = {(f"| `{name}`", " ".join(info.dims)) for name, info in arrays_of(config).items()}
        assert wanted <= listed, chosen


def test_the_pages_need_no_torch() -> None:
    code = "import sys; from attnviz.commands.pages import PAGES; [page() for page in PAGES.values()]"
    code += "; print(sorted({'torch', 'manim', 'transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def links_of(text: str) -> list[str]:
    return [target for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if not target.startswith("http")]


def commands_of(text: str) -> list[str]:
    return re.findall(r"(?:^\$ |`)attnviz (\w+)", text, flags=re.MULTILINE)


def scripts_of(text: str) -> list[str]:
    return re.findall(r"\bscripts/(\w+)", text)


def storyboards_of(text: str) -> list[str]:
    blocks = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    return [block for block in blocks if "chapters:" in block and "${" not in block]


@pytest.mark.parametrize(
    ("found_in", "least"), [(links_of, 40), (commands_of, 40), (scripts_of, 20), (storyboards_of, 4)]
)
def test_what_is_looked_at_below_is_found_in_the_docs(found_in: Callable[[str], list[str]], least: int) -> None:
    assert sum(len(found_in(path.read_text())) for path in MARKDOWN) >= least


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    assert [target for target in links_of(path.read_text()) if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_commands_in_the_docs_exist(path: Path) -> None:
    text = path.read_text()
    assert set(commands_of(text)) - set(COMMANDS) == set()
    assert [script for script in scripts_of(text) if not (ROOT / "scripts" / script).exists()] == []


@pytest.mark.parametrize(
    "line", re.findall(r"^\$ attnviz ((?:models|trace) .*?) *#", MARKDOWN[0].read_text(), flags=re.MULTILINE)
)
def test_commands_in_the_readme_run(line: str) -> None:
    from click.testing import CliRunner

    from attnviz.cli import app

    done = CliRunner().invoke(app, shlex.split(line), catch_exceptions=False)
    assert done.exit_code == 0
    assert "small" in done.output


def test_the_summaries_are_the_commands_own_first_lines() -> None:
    import click

    from attnviz.cli import app

    for name, summary in COMMANDS.items():
        command = app.get_command(click.Context(app), name)
        assert command is not None
        assert (command.help or "").splitlines()[0] == summary


def test_pictures_of_the_docs_are_small() -> None:
    pictures = [p for p in (ROOT / "docs").rglob("*") if p.suffix in {".png", ".webp", ".gif", ".jpg"}]
    assert sum(p.stat().st_size for p in pictures) < 2_000_000


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_storyboards_in_the_docs_are_right(path: Path, tmp_path: Path) -> None:
    from attnviz.render.opening import open_storyboard

    for block in storyboards_of(path.read_text()):
        storyboard = tmp_path / "storyboard.yaml"
        storyboard.write_text(block)
        assert list(open_storyboard(storyboard).shots())


def test_the_template_in_the_docs_is_right_and_all_facts_are_there(tmp_path: Path) -> None:
    from attnviz.clips.facts import FACTS
    from attnviz.clips.template import read_template, templates

    guide = (ROOT / "docs" / "clips.md").read_text()
    (block,) = re.findall(r"```yaml\n(about: .*?)```", guide, flags=re.DOTALL)
    (tmp_path / "template.yaml").write_text(block)
    assert read_template(tmp_path / "template.yaml").parameters
    names = set(re.findall(r"^\| `(\w+)`", guide, flags=re.MULTILINE))
    assert {path.stem for path in templates(tmp_path).values()} <= names
    assert {fact for fact in FACTS if f"`{fact}`" not in guide} == set()


def test_the_blackboard_model_in_the_docs_runs(tmp_path: Path) -> None:
    from attnviz.model.blackboard.run import run
    from attnviz.model.blackboard.tensors import load_blackboard

    guide = (ROOT / "docs" / "authoring.md").read_text()
    (block,) = re.findall(r"```yaml\n(kind: blackboard.*?)```", guide, flags=re.DOTALL)
    (tmp_path / "model.yaml").write_text(block)
    trace = run(load_blackboard(tmp_path / "model.yaml"), "an apple and an orange")
    assert trace.output.sizes["token"] == 5


GUIDE = (ROOT / "docs" / "authoring.md").read_text()
SCENES_OF_THE_GUIDE = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)


def played(folder: Path, name: str, scene: str, board: str) -> list[RehearsedShot]:
    """Return the shots of a scene of the guide."""
    from attnviz.render.opening import open_storyboard
    from attnviz.testing import rehearse

    (folder / "scenes").mkdir()
    (folder / "scenes" / f"{name}.py").write_text(scene)
    storyboard = folder / "storyboard.yaml"
    storyboard.write_text(board)
    return rehearse(open_storyboard(storyboard))


def test_the_scene_in_the_docs_plays(tmp_path: Path) -> None:
    scene = SCENES_OF_THE_GUIDE[0]
    (fragment,) = re.findall(r"```yaml\n( +- scene: big_weight.*?)```", GUIDE, flags=re.DOTALL)
    board = "title: T\nmodel: fruit_and_tech\nchapters:\n  - title: C\n    scenes:\n"
    board += fragment.replace("sentence: an apple and an orange", "words: [apple, orange]")
    (shot,) = played(tmp_path, "big_weight", scene, board)
    assert [receipt.text for receipt in shot.receipts] == ["0.43"]
    assert shot.seen == ("Large in the middle, an arrow leads from apple to orange, with the weight 0.43.",)


@pytest.mark.parametrize(
    ("model", "words", "head", "columns"),
    [("three_heads", "orange phone apple", "so-so", "6"), ("two_heads", "an apple and an orange", "grammar", "3")],
)
def test_the_verbs_in_the_docs_play_on_models_with_heads(
    model: str, words: str, head: str, columns: str, tmp_path: Path
) -> None:
    board = (
        f"title: T\nmodel: {model}\nchapters:\n  - title: C\n    scenes:\n      - scene: heads_by_hand\n"
        f"        focus: apple\n        sentence: {words}\n        shots:\n          - show_values: {head}\n"
        f"          - show_matrices: {head}\n          - show_queries: {head}\n          - work_out: apple\n          - put_together:\n"
        "          - come_back:\n          - work_out: apple\n            id: in-colours\n"
    )
    begin, *verbs = SCENES_OF_THE_GUIDE[1:]
    scene = "\n".join([begin, *(textwrap.indent(textwrap.dedent(verb), "    ") for verb in verbs)])
    values, matrices, queries, worked_out, together, back, in_colours = played(tmp_path, "heads_by_hand", scene, board)
    assert {"values"} == {r.array for r in values.receipts}
    assert {"W_Q", "W_K", "W_V"} <= {r.array for r in matrices.receipts}
    assert {"embeddings", "W_Q", "queries"} <= {r.array for r in queries.receipts}
    assert {"head_outputs", "concatenated"} <= {r.array for r in together.receipts}
    assert {"concatenated", "W_O", "output"} <= {r.array for r in back.receipts}
    for written in (worked_out, in_colours):
        assert any(text.text.startswith("{a0} dot {b0}") for text in written.layout)
    counted = [r.text for r in together.receipts if (r.formula or "").startswith("number of columns:")]
    assert counted == [columns]
    for shot in (values, matrices, queries, worked_out, together, back, in_colours):
        assert faults(shot.layout) == []


def test_a_refusal_in_the_guide_is_what_is_said(tmp_path: Path) -> None:
    from attnviz.input.problems import ProblemsFound

    (told,) = re.findall(r"`my_lecture\.yaml:\d+: (.*?) \(at scenes/", GUIDE)
    scene = SCENES_OF_THE_GUIDE[0].replace('"weights"', '"weigths"')
    board = (
        "title: T\nmodel: fruit_and_tech\nchapters:\n  - title: C\n    scenes:\n      - scene: big_weight\n"
        "        words: [apple, orange]\n        shots:\n          - show_weight: {word: apple, toward: orange}\n"
    )
    with pytest.raises(ProblemsFound) as error:
        played(tmp_path, "big_weight", scene, board)
    assert re.search(rf"yaml:9: {re.escape(told)} \(at .*scenes/big_weight\.py:16\)$", str(error.value))


def test_names_in_the_guide_are_those_of_the_stage() -> None:
    import attnviz.stage as face

    section = GUIDE.partition("## A scene of your own")[2]
    for call in re.findall(r"`self\.(\w+)\(", section):
        assert hasattr(face.Stage, call), call
    for call in re.findall(r"`([A-Za-z]\w+)\((?:self|marks|old|region|value|numbers|terms|name|row_numbers)", section):
        assert call in face.__all__ or hasattr(face.Table, call), call
    for part in re.findall(r"`(?:theme|frame)\.([A-Z_]+)`", section):
        assert hasattr(face.theme, part) or hasattr(face.frame, part), part
