"""What tests of pages look with: axe-core, and the script of an LMS, in the browser that is installed."""

import pytest

from tests.browsers import lms_script, needs_browser, opened_page

pytestmark = needs_browser

STRICT = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:\">"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
PAGE = "<!doctype html><html lang='en'>{head}<title>t</title><main><h1>Words</h1><img src='{pixel}'{alt}></main></html>"


@pytest.fixture(scope="module")
def page():
    with opened_page() as opened:
        yield opened


def test_axe_finds_what_keeps_people_out_and_nothing_else_under_a_strict_policy(page, axe):
    page.set_content(PAGE.format(head=STRICT, pixel=PIXEL, alt=" alt='a word'"))
    assert axe(page) == []
    page.set_content(PAGE.format(head=STRICT, pixel=PIXEL, alt=""))
    [found] = axe(page)
    assert found.startswith("image-alt: img: ")
    assert axe(page, ["moderate", "minor"]) == []


def test_the_lms_keeps_what_a_page_tells_it(page):
    page.goto("about:blank")
    page.add_script_tag(path=lms_script())
    asked = """() => {
        window.API = new Scorm12API({autocommit: false, logLevel: 5});
        return [API.LMSInitialize(""), API.LMSSetValue("cmi.core.lesson_location", "12.5"),
            API.LMSSetValue("cmi.core.lesson_status", "watched"), API.LMSGetLastError(),
            API.LMSGetValue("cmi.core.lesson_location"), API.LMSFinish("")];
    }"""
    assert page.evaluate(asked) == ["true", "true", "false", "405", "12.5", "true"]
