"""Write the pages that are made from the program: record catalogue, data terms, measures."""

import sys
from pathlib import Path

from foedus.record.schema import Ship, Table, Terms
from foedus.record.sources import source_of, tables
from foedus.study.measure_concept import all_measures

DOCS = Path(__file__).parent
_TERMS = {
    Terms.OPEN: "Open licence or public domain.",
    Terms.RESEARCH: "Free for research with citation.",
    Terms.RESTRICTED: "Not to be passed on.",
}


def catalogue() -> str:
    """Describe every table and column from the source files."""
    parts = [
        "# The record, table by table",
        "",
        "Made from the TOML file beside each source; `foedus record show TABLE` prints the same.",
        "",
        "| table | row | years | absent row means | known after | ships |",
        "|---|---|---|---|---|---|",
    ]
    for spec in tables().values():
        absent = "no such event or tie" if spec.absent == "none" else "nothing known"
        parts.append(
            f"| [{spec.name}](#{spec.name}) | {spec.kind} | {spec.first}-{spec.last} "
            f"| {absent} | {spec.lag_months} months | {spec.ship} |"
        )
    for spec in tables().values():
        parts += ["", *_table(spec)]
    return "\n".join(parts) + "\n"


def _table(spec: Table) -> list[str]:
    lines = [
        f'## <a id="{spec.name}"></a>`{spec.name}`: {spec.title}',
        "",
        f"{spec.producer}, version {spec.version}; {spec.countries}. Key: {', '.join(spec.key)}. "
        f"Source module `{source_of(spec.name)}`. {spec.lag_basis}",
        "",
        "| column | type | unit | meaning | marks |",
        "|---|---|---|---|---|",
    ]
    for name, column in spec.columns.items():
        marks = []
        if column.hindsight:
            marks.append("hindsight")
        if column.estimated:
            marks.append(
                "estimated" if column.estimated is True else f"estimated where `{column.estimated}`"
            )
        if column.first or column.last:
            marks.append(f"{column.first or spec.first}-{column.last or spec.last}")
        codes = "; ".join(f"{code} = {text}" for code, text in column.codes.items())
        meaning = f"{column.meaning} ({codes})" if codes else column.meaning
        lines.append(
            f"| `{name}` | {column.type} | {_cell(column.unit or '')} | {_cell(meaning)} "
            f"| {', '.join(marks)} |"
        )
    lines += ["", f"Changed by the build: {spec.changes}"]
    if spec.cautions:
        lines += ["", "Cautions:", ""] + [f"- {caution}" for caution in spec.cautions]
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def terms() -> str:
    """List what each table's terms are and what ships because of them."""
    parts = [
        "# Data terms",
        "",
        "The code is under the Apache License 2.0. The data are not ours: each table below keeps "
        "its maker's terms. The package ships derived tables only as far as those terms, as we "
        "know them, allow; whoever redistributes the package should read them first. Tables that "
        "do not ship are built on the user's machine from the user's own copy.",
        "",
    ]
    for term in Terms:
        chosen = [spec for spec in tables().values() if spec.terms is term]
        parts += [
            f"## {_TERMS[term]}",
            "",
            "| table | maker | terms as known | ships |",
            "|---|---|---|---|",
        ]
        for spec in chosen:
            ships = str(spec.ship) if spec.ship is not Ship.NONE else "nothing"
            why = f": {spec.ship_why}" if spec.ship_why else ""
            parts.append(
                f"| `{spec.name}` | {_cell(spec.producer)} | {_cell(spec.licence)} "
                f"| {ships}{_cell(why)} |"
            )
        parts.append("")
    parts += ["## How to cite", ""]
    parts += [f"- `{spec.name}`: {spec.citation}" for spec in tables().values()]
    return "\n".join(parts) + "\n"


def measures() -> str:
    """Describe every measure from the program's catalogue."""
    parts = [
        "# Measures",
        "",
        "Made from the program's catalogue; `foedus measure --list` prints the names. Every value "
        "has a unit and a state. A missing value is never zero: the row is blank and says why. "
        "Closeness and tension are fitted and have [their own page](closeness-and-tension.md).",
        "",
        "| measure | of | years | what it is |",
        "|---|---|---|---|",
    ]
    for found in all_measures().values():
        parts.append(
            f"| [{found.name}](#{found.name}) | {found.subject} | {found.first}-{found.last} "
            f"| {_cell(found.title)} |"
        )
    for found in all_measures().values():
        names = ", ".join(f"[{t}](record/catalogue.md#{t})" for t in found.tables)
        parts += [
            "",
            f'## <a id="{found.name}"></a>{found.title}',
            "",
            f"`foedus measure {found.name}`; of: {found.subject}; unit: {found.unit}.",
            "",
            f"- Formula: {found.formula}",
            f"- Source: {found.source}",
            f"- Valid for: {found.valid_for}",
            f"- Interval: {found.uncertainty}",
            f"- Tables: {names}",
        ]
        if found.reference:
            parts.append(f"- Tests hold it against: {found.reference}")
    return "\n".join(parts) + "\n"


PAGES = {
    "record/catalogue.md": catalogue,
    "record/terms.md": terms,
    "measures.md": measures,
}


def main() -> int:
    """Write the pages, or with --check say whether the written ones are current."""
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text("utf-8") != text:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"not current, run `make docs`: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
