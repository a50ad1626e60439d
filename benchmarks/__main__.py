"""Run every benchmark: `python -m benchmarks`."""

from benchmarks import panels, similarity


def main() -> None:
    panels.main()
    similarity.main()


if __name__ == "__main__":
    main()
