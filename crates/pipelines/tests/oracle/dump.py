"""Applies pipelines to rules with pySigma and prints what the rules became, as JSON.

Reads a JSON list of {"rule": YAML, "pipelines": [{"name": FILE, "text": YAML}]} and prints a list of the same length:
{"conditions": [tree], "fields": [...], "logsource": {...}, "custom": {...}} or {"error": name of the exception}.

A tree is ["and", ...], ["or", ...], ["not", tree], ["test", field, value] or null.
"""

import json
import sys

from sigma.collection import SigmaCollection
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.correlations import SigmaCorrelationRule
from sigma.processing.pipeline import ProcessingPipeline
from sigma.types import (
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SpecialChars,
)


def text(value):
    parts = []
    for part in value.s:
        if part is SpecialChars.WILDCARD_MULTI:
            parts.append("*")
        elif part is SpecialChars.WILDCARD_SINGLE:
            parts.append("?")
        else:
            literal = f"%{part.name}%" if isinstance(part, Placeholder) else part
            if parts and isinstance(parts[-1], dict):
                parts[-1] = {"lit": parts[-1]["lit"] + literal}
            elif literal:
                parts.append({"lit": literal})
    return parts


def value(v):
    if isinstance(v, SigmaCasedString):
        return {"cased": text(v)}
    if isinstance(v, SigmaString):
        return {"str": text(v)}
    if isinstance(v, SigmaNumber):
        return {"num": v.number}
    if isinstance(v, SigmaBool):
        return {"bool": v.boolean}
    if isinstance(v, SigmaNull):
        return {"null": True}
    if isinstance(v, SigmaExists):
        return {"exists": v.exists}
    if isinstance(v, SigmaRegularExpression):
        return {"re": str(v.regexp), "flags": sorted(f.name for f in v.flags)}
    if isinstance(v, SigmaCIDRExpression):
        return {"cidr": v.cidr}
    if isinstance(v, SigmaCompareExpression):
        return {"compare": v.op.name.lower(), "num": v.number.number}
    if isinstance(v, SigmaFieldReference):
        return {"ref": v.field, "starts": v.starts_with, "ends": v.ends_with}
    return {"other": type(v).__name__}


def tree(node):
    if node is None:
        return None
    if isinstance(node, ConditionFieldEqualsValueExpression):
        return ["test", node.field, value(node.value)]
    if isinstance(node, ConditionValueExpression):
        return ["test", None, value(node.value)]
    name = {ConditionAND: "and", ConditionOR: "or", ConditionNOT: "not"}[type(node)]
    return [name, *(tree(arg) for arg in node.args)]


def correlation(rule):
    condition = getattr(rule, "condition", None)
    fieldref = getattr(condition, "fieldref", None)
    return {
        "fields": rule.fields,
        "group_by": rule.group_by or [],
        "aliases": {alias.alias: dict(alias.mapping.items()) for alias in rule.aliases},
        "condition": [fieldref] if isinstance(fieldref, str) else list(fieldref or []),
    }


def plain_aliases(found):
    for mapping in found["aliases"].values():
        for key in list(mapping):
            mapping[getattr(key, "reference", str(key))] = mapping.pop(key)
    return found


def applied(case):
    pipelines = [
        (ProcessingPipeline.from_yaml(pipeline["text"]), pipeline["name"]) for pipeline in case["pipelines"]
    ]
    pipelines.sort(key=lambda pair: (pair[0].priority, pair[1]))
    pipeline = sum(pipeline for pipeline, _ in pipelines) or ProcessingPipeline()
    collection = SigmaCollection.from_yaml(case["rule"])
    out = []
    for rule in collection.rules:
        pipeline.apply(rule)
        if isinstance(rule, SigmaCorrelationRule):
            out.append(plain_aliases(correlation(rule)))
            continue
        source = rule.logsource
        out.append(
            {
                "conditions": [tree(condition.parsed) for condition in rule.detection.parsed_condition],
                "fields": rule.fields,
                "logsource": [source.category, source.product, source.service],
                "custom": rule.custom_attributes,
            }
        )
    return out


def main():
    results = []
    for case in json.load(sys.stdin):
        try:
            results.append({"rules": applied(case)})
        except Exception as error:  # Whatever pySigma refuses with.
            results.append({"error": f"{type(error).__name__}: {error}"})
    json.dump(results, sys.stdout)


main()
