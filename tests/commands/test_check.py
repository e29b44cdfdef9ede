from __future__ import annotations

import time

HEAVY = "[m for m in ('torch', 'manim', 'numpy', 'xarray') if m in sys.modules]"


def test_a_good_storyboard_is_summed_up_without_heavy_imports_and_fast(folder, cli):
    started = time.perf_counter()
    done = cli("check", folder / "s.yaml", after=f"print({HEAVY})")
    seconds = time.perf_counter() - started
    assert (done.stdout, done.stderr, done.returncode) == (
        "ok: 1 chapter, 1 scene, 2 shots, about 1 min 7 s\n[]\n", "", 0,
    )  # fmt: skip
    assert seconds < 3  # about 0.4 s on an idle machine; this only guards against a heavy import


def test_all_problems_of_all_files_are_printed(folder, cli):
    good, bad, none = folder / "s.yaml", folder / "bad.yaml", folder / "none.yaml"
    bad.write_text(good.read_text().replace("apple#2", "aple").replace("weights[", "wights["))
    done = cli("check", bad, none, good)
    assert done.returncode == 2
    assert done.stdout == f"{good}: ok: 1 chapter, 1 scene, 2 shots, about 1 min 7 s\n"
    shots = "chapters.0.scenes.0.shots"
    assert done.stderr.splitlines() == [
        f"{bad}:10: {shots}.0.say: '{{wights[apple, orange]:percent}}': unknown array 'wights'; "
        "did you mean 'weights'?",
        f"{bad}:11: {shots}.1.pull.word: unknown word 'aple'; expected a word of the sentence "
        "(one of: apple, apple#2, orange)",
        f"{none}: there is no such file",
    ]


def test_a_models_own_mistakes_are_told_at_its_file(folder, cli):
    (folder / "models/fruit.yaml").write_text("kind: blackboard\naxes: [x, y]\nword: {}\n")
    done = cli("check", folder / "s.yaml")
    assert done.returncode == 2
    assert f"{folder / 'models/fruit.yaml'}:3: word: unknown key; did you mean 'words'?" in done.stderr.splitlines()
    assert not any("s.yaml" in line for line in done.stderr.splitlines())


def test_unknown_words_are_told_at_the_sentence(folder, cli):
    path = folder / "s.yaml"
    path.write_text(path.read_text().replace("apple orange apple", "apple oragne"))
    done = cli("check", path)
    assert done.stderr.splitlines()[0] == (
        f"{path}:7: chapters.0.scenes.0.sentence: the model does not know the word 'oragne'; did you mean 'orange'?"
    )
