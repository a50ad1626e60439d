"""Endings of the files that are read as text, and what each is."""

ENDINGS = {
    ".txt": "text", ".text": "text", "": "text", ".md": "markdown", ".markdown": "markdown",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".pdf": "pdf", ".eml": "mail",
    ".jsonl": "lines", ".ndjson": "lines", ".xml": "feed", ".rss": "feed", ".atom": "feed",
}  # fmt: skip
