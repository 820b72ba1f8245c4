#!/usr/bin/env python3
"""Loads Sigma files with pySigma and holds them to its core validators.

    sigma_validators.py FOLDER...

The files of a folder are one collection: identifiers and titles are unique in it. Exit status 1 when a file does
not load or a validator finds something.
"""

import socket
import sys
from collections import Counter
from pathlib import Path

from sigma.collection import SigmaCollection
from sigma.data import mitre_attack, mitre_d3fend
from sigma.exceptions import SigmaError, SigmaRuleLocation
from sigma.validation import SigmaValidator
from sigma.validators.core import validators

# Validators that are not asked, each with the reason.
EXCLUDED = {
    "escaped_wildcard": "asks whether an escape is meant, and it is: the text of the rule has the character itself",
    "number_as_string": "asks whether a text of digits is meant, and it is: ECS and the data of Windows' events have texts",
}

# Validators over lists of MITRE, which pySigma downloads; they are asked where that succeeds.
NEEDS_DATA = {
    "attacktag": lambda: mitre_attack.mitre_attack_techniques,
    "d3_fendtag": lambda: mitre_d3fend.mitre_d3fend_techniques,
}

SHOWN = 20


def load(folder):
    """The collection of a folder, and what did not load."""
    parts, failures = [], []
    for path in sorted(folder.rglob("*.yml")):
        try:
            text = path.read_text(encoding="utf-8")
            parts.append(SigmaCollection.from_yaml(text, source=SigmaRuleLocation(path)))
        except SigmaError as error:
            failures.append(f"{path}: {error}")
            continue
        failures.extend(f"{path}: {error}" for rule in parts[-1].rules for error in rule.errors)
    return SigmaCollection.merge(parts), failures


def asked():
    """The validators to ask."""
    chosen = []
    for name, kind in sorted(validators.items()):
        if name in EXCLUDED:
            continue
        if name in NEEDS_DATA:
            try:
                NEEDS_DATA[name]()
            except Exception as error:  # whatever the download raises
                print(f"skipped: {name} needs data that cannot be loaded ({type(error).__name__})")
                continue
        chosen.append(kind)
    return chosen


def main(folders):
    socket.setdefaulttimeout(30)
    chosen = asked()
    failed = False
    for folder in map(Path, folders):
        collection, failures = load(folder)
        issues = SigmaValidator(chosen).validate_rules(iter(collection.rules))
        for failure in failures[:SHOWN]:
            print(f"error: {failure}")
        counts = Counter(type(issue).__name__ for issue in issues)
        shown = Counter()
        for issue in issues:
            kind = type(issue).__name__
            shown[kind] += 1
            if shown[kind] <= SHOWN:
                names = ", ".join(sorted({f"{rule.source or ''} {rule.title}" for rule in issue.rules}))
                print(f"{kind}: {names}: {issue}")
        print(f"{folder}: {len(collection.rules)} rules, {len(failures)} errors, {len(issues)} findings {dict(counts)}")
        failed = failed or bool(failures) or bool(issues) or not collection.rules
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
