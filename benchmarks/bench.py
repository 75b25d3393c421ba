"""`make bench`: what the model costs, side by side in one go, as Markdown.

    python -m benchmarks.bench                  print the tables (about five minutes on an idle machine)
    python -m benchmarks.bench --write          and put them into docs/performance.md
    python -m benchmarks.bench --only engine    one section: engine, rivals, processes, memory, growth
    python -m benchmarks.bench --million        also a million default runs

Figures depend on the machine and on what else it does: compare only what one run printed.
"""

import argparse
import sys

from benchmarks import growth, page, processes, speed
from fragile_peace import Scenario

TITLES = {
    "engine": "The engine",
    "rivals": "Beside the Mesa models",
    "processes": "Fresh processes",
    "memory": "Memory",
    "growth": "How time grows",
}


def main() -> None:
    """Run the sections asked for and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=TITLES, nargs="+", default=list(TITLES), metavar="SECTION")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument("--million", action="store_true", help="also play a million default runs")
    arguments = parser.parse_args()
    scenario = Scenario.load("reassurance_15k")
    work = {
        "engine": lambda: speed.engine(scenario),
        "rivals": lambda: speed.rivals(scenario),
        "processes": processes.starts,
        "memory": lambda: processes.memory(arguments.million),
        "growth": growth.tables,
    }
    parts = [page.heading()]
    print(parts[0], flush=True)
    for name in TITLES:
        if name in arguments.only:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            parts.append(f"### {TITLES[name]}\n\n{work[name]()}")
            print(parts[-1], flush=True)
    if arguments.write:
        page.write("\n".join(parts))


if __name__ == "__main__":
    main()
