import datetime as dt
import io
import sys
from email.message import EmailMessage

import pytest

from foedus.read.documents import documents, lines, text_files, whole
from foedus.world.errors import BadInputError


def only(raw: bytes, name: str, kind: str):
    (found,) = whole(raw, name, kind)
    return found


def test_html_keeps_words_and_drops_what_runs():
    page = (
        b"<!doctype html><html><head><title>News</title><script>alert('x')</script>"
        b"<meta property='article:published_time' content='2024-04-12T08:00:00Z'>"
        b"<style>p{}</style></head><body><nav>Home</nav><p>Japan &amp; China met.</p>"
        b"<p onclick='run()'>They talked.</p><script>steal()</script></body></html>"
    )
    found = only(page, "a.html", "html")
    assert found.text == "News\nJapan & China met.\nThey talked."
    assert found.published == dt.date(2024, 4, 12)


def test_markdown_is_blanked_so_that_offsets_stay():
    text = "---\ndate: 2024-04-12\n---\n# Title\n\n**Japan** met [China](http://x.y).\n"
    found = only(text.encode(), "a.md", "markdown")
    assert len(found.text) == len(text)
    start = text.index("Japan")
    assert found.text[start : start + 5] == "Japan"
    assert "http" not in found.text
    assert "*" not in found.text
    assert found.published == dt.date(2024, 4, 12)


def test_mail_gives_subject_body_and_day():
    message = EmailMessage()
    message["Subject"] = "Talks"
    message["Date"] = "Fri, 12 Apr 2024 08:00:00 +0900"
    message.set_content("Japan met China.")
    message.add_alternative("<p>Japan met <b>China</b>.</p>", subtype="html")
    message.add_attachment(b"\x00\x01", maintype="application", subtype="zip", filename="a.zip")
    found = only(message.as_bytes(), "a.eml", "mail")
    assert found.text == "Talks\nJapan met China.\n"
    assert found.published == dt.date(2024, 4, 12)


@pytest.mark.parametrize(
    "feed",
    [
        b"<rss><channel><item><title>A</title><description>&lt;p&gt;Japan met China.&lt;/p&gt;"
        b"</description><pubDate>Fri, 12 Apr 2024 08:00:00 GMT</pubDate></item></channel></rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title><content>Japan met "
        b"China.</content><published>2024-04-12T01:00:00Z</published></entry></feed>",
    ],
)
def test_feeds_give_a_document_an_item(feed: bytes):
    found = only(feed, "a.xml", "feed")
    assert found.text.splitlines() == ["A", "Japan met China."]
    assert found.published == dt.date(2024, 4, 12)


def test_an_entry_that_holds_a_page_is_read_with_its_paragraphs():
    feed = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>a</id><content type='xhtml'><div "
        b"xmlns='http://www.w3.org/1999/xhtml'><p>Japan <b>met</b> China.</p><p>A &lt; B.</p>"
        b"</div></content></entry></feed>"
    )
    assert only(feed, "a.atom", "feed").text == "Japan met China.\nA < B."
    deep = b"<rss><item><title>A</title><description>" + b"<b>" * 5000 + b"x" + b"</b>" * 5000
    assert only(deep + b"</description></item></rss>", "a.rss", "feed").text == "A"


def test_a_feed_with_entities_is_refused():
    bomb = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><rss><item>&b;</item></rss>'
    with pytest.raises(BadInputError, match="document type or entities"):
        list(whole(bomb, "a.xml", "feed"))


def test_json_lines_are_streamed_and_bad_lines_set_aside():
    raw = b'{"id": 7, "text": "Japan met China.", "date": "20240412"}\nnot json\n{"x": 1}\n\n'
    aside: list[tuple[str, str]] = []
    (found,) = lines(io.BytesIO(raw), "a.jsonl", aside)
    assert (found.name, found.published) == ("7", dt.date(2024, 4, 12))
    assert aside == [("a.jsonl:2", "no JSON object"), ("a.jsonl:3", "no field with a text")]


def test_json_lines_without_one_good_line_are_an_error():
    with pytest.raises(BadInputError, match=r"a\.jsonl:1: no JSON object"):
        list(lines(io.BytesIO(b"[1]\n"), "a.jsonl", []))


def test_a_dateline_dates_the_text():
    text = b"TOKYO, April 12, 2024 (Kyodo) - Japan met China. On May 1, 2023 it had not."
    assert only(text, "a.txt", "text").published == dt.date(2024, 4, 12)
    assert only(b"On May 1, 2023 Japan met China.", "a.txt", "text").published is None


@pytest.mark.parametrize(("raw", "name", "kind", "why"), [
    (b"\x7fELF\x00\x01\x02\x00", "a.txt", "text", "binary"),
    (b"%PDF-1.4 broken", "a.pdf", "pdf", "broken PDF"),
    (b"<rss><item>", "a.xml", "feed", "broken XML"),
    (b"<a></a>", "a.xml", "feed", "without items"),
])  # fmt: skip
def test_what_is_not_text_is_refused(raw: bytes, name: str, kind: str, why: str):
    with pytest.raises(BadInputError, match=why):
        list(whole(raw, name, kind))


def test_a_pdf_is_read_page_by_page(tmp_path):
    content = b"BT /F1 12 Tf 72 700 Td (Japan met China in April.) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    raw, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    raw += b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\n" % table
    raw += b"startxref\n%d\n%%%%EOF" % raw.index(b"xref\n")
    (tmp_path / "a.pdf").write_bytes(raw)
    (found,) = documents(tmp_path / "a.pdf")
    assert found.text.strip() == "Japan met China in April."


def test_folders_give_their_texts_and_strangers_are_named(tmp_path):
    (tmp_path / "b.md").write_text("x")
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "c.zip").write_bytes(b"x")
    assert [p.name for p in text_files([tmp_path])] == ["a.txt", "b.md"]
    with pytest.raises(BadInputError, match=r"c\.zip ends in \.zip"):
        text_files([tmp_path / "c.zip"])
    with pytest.raises(BadInputError, match="does not exist"):
        text_files([tmp_path / "absent.txt"])


def test_characters_that_steer_a_terminal_or_are_half_ones_are_blanked():
    line = b'{"id": "a\\udfff", "text": "Japan \\u001b[31mmet\\u202e China \\ud800."}\n'
    (document,) = lines(io.BytesIO(line), "a.jsonl", [])
    assert (document.name, document.text) == ("a ", "Japan  [31mmet  China  .")


@pytest.mark.parametrize(("module", "kind"), [("pypdf", "pdf"), ("defusedxml", "feed")])
def test_without_the_extra_the_error_names_it(
    monkeypatch: pytest.MonkeyPatch, module: str, kind: str
):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, f"{module}.ElementTree", raising=False)
    with pytest.raises(BadInputError, match="not installed"):
        list(whole(b"<rss/>", "a", kind))
