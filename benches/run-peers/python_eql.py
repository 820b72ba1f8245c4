#!/usr/bin/env python3
"""The Python package `eql` over a file of events: `python_eql.py RULES EVENTS [MAX_EVENTS]`.

Answers with the line of JSON that the other evaluators answer with. Rules are the EQL rules of TOML documents, parsed as
their own repository does it; those that the package cannot run are left out. It has no fields of several values, so that
a list in an event is taken to be its first value.
"""

import json
import pathlib
import resource
import sys
import time
import tomllib

import eql


def single(value):
    """The value with the first of each list for the list."""
    if isinstance(value, list):
        return single(value[0]) if value else None
    if isinstance(value, dict):
        return {name: single(inner) for name, inner in value.items()}
    return value


def queries(folder):
    """The EQL of all rules."""
    for path in sorted(pathlib.Path(folder).rglob("*.toml")):
        rule = tomllib.loads(path.read_text()).get("rule", {})
        if rule.get("language") == "eql":
            yield rule["query"]


def main():
    folder, events, *most = sys.argv[1:]
    most = int(most[0]) if most else sys.maxsize
    start = time.process_time()
    engine = eql.PythonEngine()
    matches = rules = 0
    flags = (
        eql.parser.elasticsearch_syntax,
        eql.parser.ignore_missing_functions,
        eql.parser.skip_optimizations,
        eql.parser.allow_negation,
        eql.parser.allow_runs,
        eql.parser.allow_sample,
    )
    for text in queries(folder):
        try:
            with flags[0], flags[1], flags[2], flags[3], flags[4], flags[5]:
                query = eql.parse_query(text)
            engine.add_query(query)
            rules += 1
        except Exception:  # noqa: BLE001: whatever it cannot run is left out
            continue

    def count(_):
        nonlocal matches
        matches += 1

    engine.add_output_hook(count)
    loaded = time.process_time()
    seen = size = 0
    with open(events, "rb") as lines:
        for line in lines:
            if seen >= most:
                break
            data = single(json.loads(line))
            size += len(line)
            seen += 1
            engine.stream_event(eql.Event(data.get("event", {}).get("category"), seen * 10_000_000, data))
    engine.finalize()
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "rules": rules,
                "load_seconds": loaded - start,
                "run_seconds": done - loaded,
                "events": seen,
                "bytes": size,
                "peak_kib": peak,
                "matches": {"all rules": matches},
            }
        )
    )


main()
