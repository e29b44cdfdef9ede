"""What pages for browsers have in common: texts are escaped, what is missing is told, nothing else may be loaded."""

import jinja2
import pytest

from attnviz.input.web_pages import policy, templates, this_style


def test_whatever_is_put_into_a_template_is_escaped(tmp_path):
    (tmp_path / "any.name").write_text("<p title='{{ text }}'>{{ text }}</p>")
    filled = templates(tmp_path).get_template("any.name").render(text="</p><script>'\"&")
    assert filled == "<p title='&lt;/p&gt;&lt;script&gt;&#39;&#34;&amp;'>&lt;/p&gt;&lt;script&gt;&#39;&#34;&amp;</p>"


def test_a_template_with_something_missing_is_no_page(tmp_path):
    (tmp_path / "page.html").write_text("{{ titel }}")
    with pytest.raises(jinja2.UndefinedError, match="titel"):
        templates(tmp_path).get_template("page.html").render(title="x")


def test_a_policy_forbids_all_but_what_is_named():
    assert policy() == "default-src 'none'; base-uri 'none'; form-action 'none'"
    assert policy(img_src="'self' data:", form_action="'self'") == (
        "default-src 'none'; base-uri 'none'; form-action 'self'; img-src 'self' data:"
    )


def test_a_style_is_allowed_by_its_hash():
    assert this_style("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"  # SHA-256 of nothing
    assert this_style("p {}") != this_style("p { }")
