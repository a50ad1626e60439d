"""Reading an event file: rows a second and memory, beside pandas in one run."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.report import Row, show
from foedus.read.formats import FORMATS

ROWS = 1_000_000
MUST, AIM = 1_000_000, 1_270_000
MUST_MB = 600
TIMES = 5
CODES = ("USA", "CHN", "JPN", "RUS", "GBR", "", "KOR", "PRK", "IRN")


def main() -> list[Row]:
    """Write a file like GDELT's, read it both ways; give rows a second, ratio and memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.export.CSV"
        write(path, ROWS)
        size = path.stat().st_size / 2**20
        print(f"{ROWS:,} rows of 58 columns, {size:,.0f} MB")
        ours = [_timed("ours", path, folder, run) for run in range(3)]
        theirs = _timed("pandas", path, folder, 0)
    rates = sorted(ROWS / seconds for seconds, _ in ours)
    memory = max(peak for _, peak in ours)
    return [
        show(Row("rows of an event file a second", rates[-1], rates[0], rates[-1], MUST, AIM)),
        show(Row("pandas over ours, wall", rates[-1] * theirs[0] / ROWS, must=TIMES)),
        show(Row("peak memory (MB)", memory, must=MUST_MB, less=True)),
        show(Row("peak memory of pandas (MB)", theirs[1])),
    ]


def write(path: Path, rows: int) -> None:
    """Write a file of made-up events in the form of GDELT 1.0."""
    form = next(form for form in FORMATS if form.name == "gdelt1")
    luck = np.random.default_rng(1)
    place = {
        "Type": "4",
        "FullName": "Beijing, Beijing, China",
        "CountryCode": "CH",
        "ADM1Code": "CH22",
        "Lat": "39.9",
        "Long": "116.4",
        "FeatureID": "-1898541",
    }
    fixed = {f"{whose}Geo_{name}": value for whose in ("Actor1", "Actor2", "Action")
             for name, value in place.items()}  # fmt: skip
    fixed |= {"Actor1Name": "GOVERNMENT", "Actor2Name": "MILITARY", "QuadClass": "4",
              "GoldsteinScale": "-5.0", "NumMentions": "10", "DATEADDED": "20150102"}  # fmt: skip
    days = luck.integers(20150101, 20150129, rows)
    sides = luck.integers(0, len(CODES), (rows, 2))
    codes = luck.choice(["043", "190", "112", "1823", "010"], rows)
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            given = fixed | {
                "GLOBALEVENTID": str(number),
                "SQLDATE": str(days[number]),
                "Actor1CountryCode": CODES[sides[number, 0]],
                "Actor2CountryCode": CODES[sides[number, 1]],
                "EventCode": codes[number],
                "SOURCEURL": f"http://www.example.com/news/a/longer/path/article-{number}",
            }
            file.write("\t".join(given.get(name, "") for name in form.columns) + "\n")


def _timed(how: str, path: Path, folder: str, run: int) -> tuple[float, float]:
    """Time one reading in a process of its own; seconds and peak memory in MB."""
    out = Path(folder) / f"{how}-{run}"
    script = _OURS if how == "ours" else _PANDAS
    text = subprocess.run(
        [sys.executable, "-c", script, str(path), str(out)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    seconds, peak = text.split()
    return float(seconds), float(peak)


_END = """
taken = time.perf_counter() - began
# Of this process alone: ru_maxrss would count that of the one that started it.
with open("/proc/self/status") as lines:
    peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
print(taken, peak)
"""
_OURS = (
    """
import sys, time
from pathlib import Path
from foedus.read.event_files import read_event_files
from foedus.record.store import open_record
record = open_record()
began = time.perf_counter()
read_event_files([Path(sys.argv[1])], Path(sys.argv[2]), record)
"""
    + _END
)
_PANDAS = (
    """
import sys, time
import pandas
began = time.perf_counter()
frame = pandas.read_csv(sys.argv[1], sep="\\t", header=None, dtype=str, keep_default_na=False)
frame[1] = pandas.to_datetime(frame[1], format="%Y%m%d")
frame[[0, 1, 5, 7, 15, 17, 26]].to_csv(sys.argv[2], index=False)
"""
    + _END
)
