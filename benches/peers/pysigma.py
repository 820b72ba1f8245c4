"""Converts every rule below a folder with pySigma, one rule at a time, as its own command line tool does.

    pysigma.py FOLDER

The queries go to standard output, the times to standard error, as `load SECONDS convert SECONDS rules N converted N`.
"""

import pathlib
import sys
import time

from sigma.backends.elasticsearch import EqlBackend
from sigma.collection import SigmaCollection


def main(folder: str) -> None:
    files = sorted(pathlib.Path(folder).rglob("*.yml"))
    start = time.perf_counter()
    rules = []
    for file in files:
        collection = SigmaCollection.from_yaml(file.read_text(encoding="utf-8"), collect_errors=True)
        rules.extend(collection.rules)
    loaded = time.perf_counter()
    backend = EqlBackend()
    queries = []
    for rule in rules:
        try:
            queries.extend(backend.convert_rule(rule))
        except Exception:  # a rule that it cannot convert
            pass
    converted = time.perf_counter()
    for query in queries:
        print(query)
    print(
        f"load {loaded - start:.3f} convert {converted - loaded:.3f} rules {len(rules)} converted {len(queries)}",
        file=sys.stderr,
    )


main(sys.argv[1])
