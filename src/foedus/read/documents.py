"""Files of text into documents: plain text, Markdown, HTML, PDF, mail, JSON lines, RSS and Atom.

Nothing a file asks for is fetched or run: scripts and styles are dropped, XML with a document type
is refused, archives are not opened. JSON lines are read as a stream, every other file as a whole.
"""

import calendar
import datetime as dt
import email
import email.policy
import email.utils
import html
import html.parser
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from foedus.read.endings import ENDINGS
from foedus.read.extra import without_extra
from foedus.world.errors import BadInputError

LARGEST_BYTES = 64 * 2**20
LONGEST_LINE = 8 * 2**20
DEEPEST = 100
_TEXTS = ("text", "body", "content", "sentence", "article", "story", "maintext", "description")
_DATES = ("date", "published", "publication_date", "date_publish", "pub_date", "datetime",
          "timestamp", "published_at", "created_at")  # fmt: skip
_NAMES = ("id", "doc", "doc_id", "sentence_id", "url", "link", "uid", "guid")
_DROPPED = {"script", "style", "noscript", "template", "svg", "nav", "footer", "form", "iframe",
            "object", "select", "button", "aside", "math"}  # fmt: skip
_BLOCKS = {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table",
           "section", "article", "header", "main", "blockquote", "pre", "td", "th", "dd", "dt",
           "hr", "figcaption", "title"}  # fmt: skip
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_MONTHS = [name.lower() for name in calendar.month_name if name]
# A date that stands on a line of its own, or in a dateline before a dash.
_WRITTEN = re.compile(
    r"^(?:[-–\s]*|[A-Z][A-Z.'’]+[^\n]{0,60}?[,(]\s?)(?:(?P<m1>[A-Z][a-z]{2,8})\.?\s+(?P<d1>\d{1,2}),?\s+"
    r"(?P<y1>\d{4})|(?P<d2>\d{1,2})\s+(?P<m2>[A-Z][a-z]{2,8})\s+(?P<y2>\d{4}))\s*"
    r"(?:\)?\s?(?:\([^)\n]{1,40}\)\s?)?[-–—]|$|\))",
    re.M,
)
_PAGE = re.compile(r"\s*(?:<!doctype html|<html)", re.I)
# Control characters, turns of direction, and halves of characters, which cannot be written.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Document:
    """One text.

    Args:
        name: File it came from, and its identifier or number there.
        text: The text; offsets count its characters. Markup is gone, of Markdown it is blanked, and
            so are characters that steer a terminal or turn the direction of writing.
        published: Day of publication, where the file tells it.
        start: First character of the text in the document, where it is a piece of a longer one.
    """

    name: str
    text: str
    published: dt.date | None
    start: int = 0


def _document(name: str, text: str, published: dt.date | None) -> Document:
    return Document(_STEERING.sub(" ", name), _STEERING.sub(" ", text), published)


def pieces(document: Document, longest: int) -> Iterator[Document]:
    """Cut a document into pieces, at the end of a paragraph, a line or a word, as far as it may be.

    Args:
        document: The document.
        longest: Characters of a piece at most.
    """
    text, start = document.text, 0
    while len(text) - start > longest:
        least, most = start + longest // 2, start + longest
        cuts = (text.rfind(mark, least, most) + len(mark) for mark in ("\n\n", "\n", " "))
        end = next((cut for cut in cuts if cut > least), most)
        yield replace(document, text=text[start:end], start=document.start + start)
        start = end
    if start:
        document = replace(document, text=text[start:], start=document.start + start)
    yield document


def text_files(paths: list[Path]) -> list[Path]:
    """List the files to read: those named, and those of known kind under folders that are named.

    Raises:
        BadInputError: A path does not exist, a folder holds nothing to read, or a file is of
            another kind.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                p for p in path.rglob("*") if p.is_file() and p.suffix and p.suffix in ENDINGS
            )
            if not inside:
                raise _unread(path, "holds no text to read")
            found += inside
        elif not path.is_file():
            raise _unread(path, "does not exist")
        elif path.suffix.lower() not in ENDINGS:
            raise _unread(path, f"ends in {path.suffix}")
        else:
            found.append(path)
    return found


def documents(path: Path, aside: list[tuple[str, str]] | None = None) -> Iterator[Document]:
    """Read the documents of one file.

    Args:
        path: The file.
        aside: Takes the lines of JSON lines that cannot be read, with their numbers.

    Raises:
        BadInputError: The file is too large, not text, or broken; JSON lines and feeds say where.
    """
    kind = ENDINGS[path.suffix.lower()]
    if kind == "lines":
        try:
            with path.open("rb") as stream:
                yield from lines(stream, path.name, aside if aside is not None else [])
        except OSError as error:
            raise _unread(path, f"cannot be opened ({error.strerror})") from error
        return
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise _unread(path, f"is {size / 2**20:.0f} MB, more than {LARGEST_BYTES >> 20} MB")
        raw = path.read_bytes()
    except OSError as error:
        raise _unread(path, f"cannot be opened ({error.strerror})") from error
    yield from whole(raw, path.name, kind)


def whole(raw: bytes, name: str, kind: str) -> Iterator[Document]:
    """Read the documents in the bytes of one file.

    Args:
        raw: Bytes of the file.
        name: Its name.
        kind: What it is, one of the values of `ENDINGS`.

    Raises:
        BadInputError: The bytes are not what they should be.
    """
    if kind == "pdf":
        yield _pdf(raw, name)
    elif kind == "mail":
        yield _mail(raw, name)
    elif kind == "feed":
        yield from _feed(raw, name)
    else:
        text = decoded(raw, name)
        if kind == "html" or (
            kind == "text" and re.match(r"\s*(<!doctype html|<html)", text, re.I)
        ):
            page = _Page()
            page.feed(text)
            page.close()
            yield _document(name, page.text(), page.published)
        elif kind == "markdown":
            yield _document(name, _unmarked(text), _front_date(text))
        else:
            yield _document(name, text, _dated(text))


def decoded(raw: bytes, name: str) -> str:
    """Read bytes as text: UTF-8, UTF-16 with a mark, else Windows Latin.

    Raises:
        BadInputError: They are not text.
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = raw.decode("utf-16", "replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
    if text.count("\x00") or len(_CONTROL.findall(text[:100_000])) > 0.01 * len(text[:100_000]):
        raise _unread(Path(name), "is not text but binary data")
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Lines(Protocol):
    """A stream that gives lines of bytes."""

    def readline(self, most: int = -1, /) -> bytes:
        """Give the next line, at most so many bytes of it."""
        ...


def lines(stream: Lines, name: str, aside: list[tuple[str, str]]) -> Iterator[Document]:
    """Read JSON lines as a stream, one document a line.

    The text is in `text`, `body`, `content` or the like, the day in `date` or `published`, the
    name in `id`, `doc` or `url`; a title stands before the text as a line of its own. Lines that
    are no object with a text are set aside with their numbers.

    Raises:
        BadInputError: No line can be read.
    """
    number = good = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            item = None
        body = (
            next((item[k] for k in _TEXTS if isinstance(item.get(k), str)), None)
            if isinstance(item, dict)
            else None
        )
        if body is None or not isinstance(item, dict):
            why = "no JSON object" if not isinstance(item, dict) else "no field with a text"
            aside.append((f"{name}:{number}", why))
            continue
        good += 1
        title = item.get("title")
        text = f"{title.strip()}\n{body}" if isinstance(title, str) and title.strip() else body
        label = next((str(item[k]) for k in _NAMES if item.get(k) is not None), f"{name}:{number}")
        stated = next((_day(item[k]) for k in _DATES if item.get(k) is not None), None)
        yield _document(label, text, stated)
    if number and not good:
        raise BadInputError(
            f"no line of {name} is a JSON object with a text ({aside[-1][0]}: {aside[-1][1]})",
            expected='one object a line, such as {"text": "...", "date": "2024-04-12"}; the text '
            f"in {', '.join(_TEXTS)}",
            where=name,
            hint="rename the field that holds the text",
        )


def _day(value: Any) -> dt.date | None:
    """Give the day a value names: ISO, digits, or as in mail and feeds."""
    text = str(value).strip()
    if match := _DAY.match(text):
        try:
            return dt.date(*(int(part) for part in match.groups()))
        except ValueError:
            return None
    try:
        return email.utils.parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError):
        return None


class _Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden: list[str] = []
        self.published: dt.date | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        named = str(given.get("property") or given.get("name") or given.get("itemprop") or "")
        if tag == "meta" and re.search(r"publi|^date", named, re.I) and self.published is None:
            self.published = _day(given.get("content") or "")
        if tag == "time" and self.published is None:
            self.published = _day(given.get("datetime") or "")
        if tag in _DROPPED:
            self.hidden.append(tag)
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:
            del self.hidden[self.hidden.index(tag) :]
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        lines = (line.strip() for line in "".join(self.parts).split("\n"))
        return "\n".join(line for line in lines if line)


def _unmarked(text: str) -> str:
    """Blank the marks of Markdown, character for character, so that offsets stay."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    text = re.sub(r"\A---\n.*?\n---\n", blank, text, flags=re.S)
    text = re.sub(r"^(```|~~~).*?^\1[^\n]*$", blank, text, flags=re.S | re.M)
    text = re.sub(r"<!--.*?-->", blank, text, flags=re.S)
    text = re.sub(r"^[ \t]*(#{1,6}|>+|[-*+]|\d+[.)])[ \t]+", blank, text, flags=re.M)
    text = re.sub(r"\]\([^)\n]*\)", blank, text)
    return re.sub(r"!?\[|\*\*|__|`|(?<=\s)[*_](?=\S)|(?<=\S)[*_](?=\s|$)", blank, text)


def _front_date(text: str) -> dt.date | None:
    front = re.match(r"\A---\n(.*?)\n---\n", text, re.S)
    found = re.search(r"^date:\s*[\"']?(\S+)", front[1], re.M) if front else None
    return _day(found[1]) if found else None


def _dated(text: str) -> dt.date | None:
    """Find the day a text says it is of: the first full date in its first lines, if any."""
    match = _WRITTEN.search(text[:300])
    if match is None:
        return None
    month = next((m for m in (match["m1"], match["m2"]) if m), "")
    number = next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(month.lower())), 0)
    try:
        return dt.date(int(match["y1"] or match["y2"]), number, int(match["d1"] or match["d2"]))
    except ValueError:
        return None


def _pdf(raw: bytes, name: str) -> Document:
    try:
        import pypdf
        import pypdf.errors
    except ImportError as error:
        raise without_extra(error) from error
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw))
        if reader.is_encrypted:
            raise _unread(Path(name), "is an encrypted PDF")
        pages = [page.extract_text() or "" for page in reader.pages]
        made = reader.metadata.creation_date if reader.metadata else None
    except (pypdf.errors.PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unread(Path(name), f"is a broken PDF ({error})") from error
    text = re.sub(r"(\w)-\n(\w)", r"\1\2", "\n\n".join(pages))
    text = re.sub(r"(?<![.!?:\n])\n(?!\n)", " ", text)
    if not text.strip():
        raise _unread(Path(name), "is a PDF of pictures without text")
    return _document(name, text, made.date() if made else None)


def _mail(raw: bytes, name: str) -> Document:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        raise _unread(Path(name), "is a mail without a body of text")
    try:
        body = str(part.get_content())
    except (LookupError, ValueError) as error:
        raise _unread(Path(name), f"is a mail that cannot be decoded ({error})") from error
    if part.get_content_subtype() == "html":
        page = _Page()
        page.feed(body)
        page.close()
        body = page.text()
    subject = str(message.get("subject", "")).strip()
    return _document(name, f"{subject}\n{body}" if subject else body, _day(message.get("date", "")))


def _feed(raw: bytes, name: str) -> Iterator[Document]:
    try:
        import defusedxml.ElementTree as Xml
        from defusedxml.common import DefusedXmlException
    except ImportError as error:
        raise without_extra(error) from error
    try:
        root = Xml.fromstring(raw, forbid_dtd=True)
    except DefusedXmlException as error:
        raise _unread(Path(name), "declares a document type or entities") from error
    except (Xml.ParseError, ValueError, RecursionError) as error:
        raise _unread(Path(name), f"is broken XML ({error})") from error

    def within(item: Any, *names: str) -> str:
        for wanted in names:
            for child in item.iter():
                if child.tag.rsplit("}", 1)[-1] != wanted:
                    continue
                given = _inner(child) if len(child) else child.text or ""
                if given.strip():
                    return given
        return ""

    items = [e for e in root.iter() if e.tag.rsplit("}", 1)[-1] in ("item", "entry")]
    if not items:
        raise _unread(Path(name), "is XML without items of RSS or entries of Atom")
    for number, item in enumerate(items, 1):
        page = _Page()
        page.feed(within(item, "title") + "\n<p>")
        page.feed(within(item, "encoded", "content", "description", "summary"))
        page.close()
        label = within(item, "guid", "id", "link") or f"{name}:{number}"
        yield _document(label, page.text(), _day(within(item, "pubDate", "published", "updated",
                                                       "date")))  # fmt: skip


def _inner(item: Any, depth: int = 0) -> str:
    """Write what stands inside an element again as markup, as entries of Atom hold pages."""
    if depth > DEEPEST:
        return ""
    parts = [html.escape(item.text or "")]
    for child in item:
        tag = child.tag.rsplit("}", 1)[-1]
        parts += [f"<{tag}>", _inner(child, depth + 1), f"</{tag}>", html.escape(child.tail or "")]
    return "".join(parts)


def _unread(path: Path, why: str) -> BadInputError:
    return BadInputError(
        f"{path.name} {why}",
        expected="text, Markdown, HTML, PDF, mail (.eml), JSON lines (.jsonl), RSS or Atom, "
        f"at most {LARGEST_BYTES >> 20} MB but for JSON lines",
        where=str(path),
        hint="save it as plain text in UTF-8",
    )
