"""Time the Python `eql` parser over queries, to set beside `cargo bench -p eqlc-driver --bench check`.

    pip install eql
    python crates/driver/benches/python_eql.py ../shared/corpus/elastic-rules

Takes a folder of rules in TOML, of which the EQL queries are taken, or a JSON list of queries. The settings are those
that Elastic's detection-rules parses its rules with; the optimiser is off, which is the faster way. Prints the best of
three runs in seconds of processor time, and how many queries were refused.
"""

import contextlib
import json
import pathlib
import sys
import time
import tomllib

from eql import parser

SETTINGS = ("elasticsearch_syntax", "ignore_missing_functions", "skip_optimizations",
            "allow_negation", "allow_runs", "allow_sample")


def queries(place):
    if place.is_file():
        return json.loads(place.read_text())
    rules = (tomllib.loads(path.read_text()).get("rule", {}) for path in sorted(place.rglob("*.toml")))
    return [rule["query"] for rule in rules if rule.get("language") == "eql"]


def parse_all(texts):
    refused = 0
    start = time.process_time()
    for text in texts:
        try:
            parser.parse_query(text)
        except Exception:  # every way of refusing
            refused += 1
    return time.process_time() - start, refused


texts = queries(pathlib.Path(sys.argv[1]))
with contextlib.ExitStack() as settings:
    for name in SETTINGS:
        if hasattr(parser, name):  # newer releases have more of them
            settings.enter_context(getattr(parser, name))
    seconds, refused = min(parse_all(texts) for _ in range(3))
print(f"{len(texts)} queries: {seconds:.3f} s, {refused} refused")
