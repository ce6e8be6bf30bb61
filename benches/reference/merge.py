"""Merges the releases of each package of a file with the reference implementation, in one process.

Usage: merge.py INPUT OUTPUT. The input is JSON Lines, one release package about one process a line. The output has one
compiled release a line. How many releases were merged is printed.
"""

import json
import sys

import ocdsmerge

# The rules that follow from release schema 1.1.5, which ocdsmerge would otherwise fetch.
OMITTED = ["id", "date", "tag"]
WHOLE_LISTS = {
    "parties": ["roles", "additionalIdentifiers"],
    "buyer": ["additionalIdentifiers"],
    "tender": ["additionalProcurementCategories", "submissionMethod"],
    "tender/procuringEntity": ["additionalIdentifiers"],
    "tender/tenderers": ["additionalIdentifiers"],
    "tender/items": ["additionalClassifications"],
    "tender/amendments": ["changes"],
    "awards/suppliers": ["additionalIdentifiers"],
    "awards/items": ["additionalClassifications"],
    "awards/amendments": ["changes"],
    "contracts/items": ["additionalClassifications"],
    "contracts/amendments": ["changes"],
    "contracts/relatedProcesses": ["relationship"],
    "relatedProcesses": ["relationship"],
}


def rules():
    rules = {(field,): "omitWhenMerged" for field in OMITTED}
    for place, fields in WHOLE_LISTS.items():
        for field in fields:
            rules[(*place.split("/"), field)] = "wholeListMerge"
    return rules


def main(source, target):
    merger = ocdsmerge.Merger(merge_rules=rules())
    count = 0
    with open(source, encoding="utf-8") as packages, open(target, "w", encoding="utf-8") as output:
        for line in packages:
            releases = json.loads(line)["releases"]
            count += len(releases)
            compiled = merger.create_compiled_release(releases)
            output.write(json.dumps(compiled, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(count)


if __name__ == "__main__":
    main(*sys.argv[1:])
