"""The pages: a form, a clip with what is said in it, and what became of a request. All that is foreign is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from string import Template
from typing import TYPE_CHECKING

from attnviz.input.web_pages import policy, this_style
from attnviz.serve.form import LONGEST

if TYPE_CHECKING:
    from attnviz.serve.form import Offer
    from attnviz.serve.orders import MadeClip

STYLE = """
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
body { background: #10141a; color: #e6e9ee; }
a { color: #8ab4f8; }
h1 { font-size: 1.2rem; }
form { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); align-items: end; }
.wide { grid-column: 1 / -1; }
label { display: block; font-size: .85rem; color: #a9b2bf; }
input, select, button { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem .7rem; color: inherit; }
input, select { background: #1a2029; border: 1px solid #3a4452; border-radius: .4rem; }
input[name=sentence] { font-size: 1.3rem; }
button { background: #2f6fde; border: 0; border-radius: .4rem; cursor: pointer; }
video { width: 100%; border-radius: .4rem; margin: 1rem 0; background: #000; }
.about { color: #a9b2bf; font-size: .85rem; }
.problem { border-left: .3rem solid #ff8a65; padding: .2rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
# Nothing but this style and our own films; nothing of a sentence can be run
POLICY = policy(style_src=this_style(STYLE), media_src="'self'", form_action="'self'", frame_ancestors="'none'")
_PAGE = Template("""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>$title</title>
<style>$style</style></head>
<body><h1>$title</h1>
$body
</body>
</html>
""")
_FORM = Template("""<form method="post" action="/clips">
<div class="wide"><label for="sentence">sentence</label>
<input id="sentence" name="sentence" dir="auto" required$focus maxlength="$longest" value="$sentence"></div>
<div><label for="word">word (else the one moved farthest)</label>
<input id="word" name="word" dir="auto" maxlength="$longest_word" value="$word"></div>
<div><label for="other">second sentence (to compare)</label>
<input id="other" name="other" dir="auto" maxlength="$longest" value="$other"></div>
<div><label for="model">model</label><select id="model" name="model">$models</select></div>
<div><label for="template">what it shows</label><select id="template" name="template">$templates</select></div>
<div><button>make a clip</button></div>
</form>""")
_CLIP = Template("""<video controls autoplay src="/films/$name.mp4">
<track default kind="captions" srclang="en" label="captions" src="/films/$name.vtt">
<track kind="descriptions" srclang="en" label="descriptions" src="/films/$name.descriptions.vtt"></video>
$silent
$said
<p class="about">$about</p>
<p><a href="/films/$name.mp4" download="clip.mp4">the film</a> ($seconds s) ·
<a href="/films/$name.numbers.json" download="clip.numbers.json">where its numbers come from</a></p>""")


def form_page(offer: Offer, fields: Mapping[str, str] | None = None, problems: Iterable[str] = ()) -> str:
    """Return the page with the form, filled in as it was sent, and what was wrong with it."""
    return _page("A clip for any sentence", _problems(problems) + _form(offer, fields or {}, focus=" autofocus"))


def clip_page(name: str, clip: MadeClip, offer: Offer, fields: Mapping[str, str]) -> str:
    """Return the page of a clip, with the form for the next one."""
    said = "\n".join(f'<p dir="auto">{escape(text)}</p>' for text in clip.said)
    silent = f'<p class="silent" role="status" dir="auto">{escape(clip.silent)}</p>' if clip.silent else ""
    told = {"said": said, "silent": silent, "about": escape(clip.about)}
    shown = _CLIP.substitute(told, name=name, seconds=round(clip.seconds))
    return _page(fields["sentence"], shown + _form(offer, fields))


def waiting_page() -> str:
    """Return the page of a clip that is not made yet."""
    return _page("A moment", "<p>The clip is being made. This page looks again by itself.</p>")


def refusal_page(title: str, problem: str) -> str:
    """Return a page that says why there is nothing to see."""
    return _page(title, _problems([problem]) + '<p><a href="/">to the form</a></p>')


def _page(title: str, body: str) -> str:
    return _PAGE.substitute(title=escape(title), style=STYLE, body=body)


def _problems(problems: Iterable[str]) -> str:
    return "".join(f'<p class="problem" role="alert" dir="auto">{escape(problem)}</p>\n' for problem in problems)


def _form(offer: Offer, fields: Mapping[str, str], focus: str = "") -> str:
    given = {name: escape(fields.get(name, "")) for name in ("sentence", "word", "other")}
    models = _options({name: name for name in offer.models}, fields.get("model"))
    templates = _options({name: f"{name}: {about}" for name, about in offer.templates.items()}, fields.get("template"))
    longest = {"longest": LONGEST["sentence"], "longest_word": LONGEST["word"]}
    return _FORM.substitute(given, focus=focus, models=models, templates=templates, **longest)


def _options(titles: Mapping[str, str], chosen: str | None) -> str:
    return "".join(
        f'<option value="{escape(name)}"{" selected" if name == chosen else ""}>{escape(title)}</option>'
        for name, title in titles.items()
    )
