"""A quiz as a page, as JSON, and as GIFT, which Moodle and other systems read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.strict_json import strict
from attnviz.worksheet.pages import page
from attnviz.worksheet.quiz import Question, Quiz

_SIGNS = re.compile(r"[\\~=#{}:]")  # that mean something in GIFT


def quiz_html(quiz: Quiz) -> str:
    """Return a quiz as a page of HTML, its answers folded."""
    return page("quiz.html.j2", _plain(quiz))


def quiz_json(quiz: Quiz) -> str:
    """Return a quiz as strict JSON: every question with its options, which of them is right, and its receipt."""
    return json.dumps(strict(_plain(quiz)), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def quiz_gift(quiz: Quiz) -> str:
    """Return a quiz as GIFT (https://docs.moodle.org/en/GIFT_format): each option with the receipt as its feedback."""
    questions = [_gift(number, question) for number, question in enumerate(quiz.questions, 1)]
    return "\n\n".join([f"// {_one_line(quiz.title)}", *questions]) + "\n"


WRITTEN_AS = {".html": quiz_html, ".json": quiz_json, ".gift": quiz_gift}


def check_name(path: Path) -> None:
    """Raise `ProblemsFound` if a file's name asks for no form that a quiz can have."""
    if path.suffix.lower() not in WRITTEN_AS:
        hint = f"name it {path.stem}.html, {path.stem}.json, or {path.stem}.gift for Moodle"
        raise ProblemsFound(Problem(f"--output {path}: cannot write a quiz so", hint=hint))


def quiz_file(quiz: Quiz, path: Path) -> str:
    """Return a quiz in the form that a file's name asks for, which was checked."""
    return WRITTEN_AS[path.suffix.lower()](quiz)


def _plain(quiz: Quiz) -> dict[str, Any]:
    questions = [{"number": number, **_question(each)} for number, each in enumerate(quiz.questions, 1)]
    return {"title": quiz.title, "language": quiz.language, "questions": questions}


def _question(question: Question) -> dict[str, Any]:
    asked, proof, facts = question.asked, question.asked.proof, question.facts
    return {
        "kind": asked.kind,
        "about": question.about,
        "text": asked.text,
        "options": [option.text for option in asked.options],
        "right": asked.right,
        "receipt": {
            "array": asked.array,
            "coords": dict(proof.coords),
            "value": proof.value,
            "text": asked.digits,
            "model": facts["model"],
            "fingerprint": facts["fingerprint"],
            "sentence": facts["sentence"],
            "shot": question.moment.shot,
            "seconds": question.moment.seconds,
            "clock": question.moment.clock,
        },
        "claim": question.claim,
        "proof": proof_of(question),
    }


def proof_of(question: Question) -> str:
    """Say which number proves the answer, and when the film shows it."""
    labels = ", ".join(question.asked.proof.coords.values())
    number = f"{question.asked.array}[{labels}] = {question.asked.digits}"
    return f"{number}, at {question.moment.clock} ({question.moment.shot})"


def _gift(number: int, question: Question) -> str:
    options = [
        f"\t{'=' if place == question.asked.right else '~'}{_escaped(option.text)}"
        for place, option in enumerate(question.asked.options)
    ]
    text = _escaped(question.text)
    return "\n".join([f"::Q{number}::[plain]{text} {{", *options, f"\t####{_escaped(proof_of(question))}", "}"])


def _escaped(text: str) -> str:
    return _SIGNS.sub(lambda found: "\\" + found[0], _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())
