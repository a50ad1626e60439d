"""Dated facts, in the project's own words, each with the pages it was read on."""

import datetime as dt
from typing import Any

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers
from foedus.world.months import parse_date

_COMMON = ("id", "date", "title", "verified", "confidence", "not_seen")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Turn each collection into rows, its members and its sources into tables of their own."""
    timeline = raw.toml("facts/japan-us-timeline.toml")["event"]
    upgrade = raw.toml("facts/april-2024-upgrade.toml")["item"]
    pacts = raw.toml("facts/pacts-2019-2026.toml")["pact"]
    actions = raw.toml("facts/rivals-actions.toml")["action"]
    cases = raw.toml("facts/cases.toml")["case"]
    case_facts = [
        {**fact, "id": f"{case['id']}-{number:02d}", "case": case["id"], "who": fact["who"]}
        for case in cases
        for number, fact in enumerate(case["fact"], 1)
    ]
    every = [*timeline, *upgrade, *pacts, *actions, *case_facts]
    return {
        "fact_timeline": _rows(timeline, "what", "dimension", "direction"),
        "fact_upgrade_april_2024": _rows(
            upgrade,
            "commits_to",
            "domain",
            "status",
            "status_date",
            "status_note",
            "status_confidence",
            "status_verified",
        ),
        "fact_pacts_2019_2026": _rows(
            [{**pact, "date": pact.get("signed", ""), "title": pact["name"]} for pact in pacts],
            "type",
            "binding",
            "obligations",
            "signed",
            "in_force",
            "ended",
            "note",
        ),
        "fact_rivals_actions": _rows(actions, "what", "arena", "instrument", "direction"),
        "fact_cases": _rows([{**f, "title": f["what"]} for f in case_facts], "case"),
        "fact_steps": _steps(upgrade, pacts),
        "fact_members": _members(every),
        "fact_sources": _sources(every),
    }


def _rows(entries: list[dict[str, Any]], *own: str) -> pl.DataFrame:
    rows = []
    for entry in entries:
        row: dict[str, Any] = {name: _plain(entry.get(name)) for name in (*_COMMON, *own)}
        row["day"] = _last_day(str(entry.get("date") or ""))
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def _plain(value: Any) -> str | bool | None:
    if isinstance(value, list):
        return "; ".join(str(part) for part in value) or None
    return value if isinstance(value, bool) else (str(value) if value not in (None, "") else None)


def _last_day(date: str) -> dt.date | None:
    """Give the last day a date may mean, so that nothing counts before it had happened."""
    return parse_date(date, where="a date of fact") if date else None


def _steps(upgrade: list[dict[str, Any]], pacts: list[dict[str, Any]]) -> pl.DataFrame:
    """List what happened to a commitment or pact, each step on its own day."""
    rows = [(item["id"], "status", item["status"], item.get("status_date", "")) for item in upgrade]
    rows += [(item["id"], "made", "announced", item["date"]) for item in upgrade]
    rows += [
        (pact["id"], step, step.replace("_", " "), pact.get(step, ""))
        for pact in pacts
        for step in ("signed", "in_force", "ended")
    ]
    return pl.DataFrame(
        [(*row, _last_day(row[3])) for row in rows if row[3]],
        schema=["id", "step", "what", "date", "day"],
        orient="row",
        infer_schema_length=None,
    )


def _members(entries: list[dict[str, Any]]) -> pl.DataFrame:
    numbers = current_numbers()
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for entry in entries:
        roles = [("party", name) for name in entry.get("who", entry.get("members", []))]
        roles += [(role, entry[role]) for role in ("actor", "target") if role in entry]
        for role, name in roles:
            rows[entry["id"], role, name] = {
                "id": entry["id"],
                "role": role,
                "member": name,
                "ccode": numbers.get(name),
            }
    return pl.DataFrame(list(rows.values()), infer_schema_length=None)


def _sources(entries: list[dict[str, Any]]) -> pl.DataFrame:
    rows = []
    for entry in entries:
        for about in ("sources", "status_sources"):
            for number, page in enumerate(entry.get(about, []), 1):
                rows.append(
                    {
                        "id": entry["id"],
                        "about": "status" if about == "status_sources" else "fact",
                        "number": number,
                        "title": page.get("title"),
                        "publisher": page.get("publisher"),
                        "published": page.get("date"),
                        "url": page.get("url"),
                    }
                )
    return pl.DataFrame(rows, infer_schema_length=None)
