"""Merges with the reference implementation, `ocdsmerge`, for `tests/hub/reference.rs`.

Reads JSON Lines of `{"ocid", "releases"}` and writes JSON Lines of `{"ocid", "compiled", "versioned", "error"}`, in the
same order; what cannot be made is null. The argument is the path of a release schema.
"""

import json
import sys
import warnings

from ocdsmerge import Merger
from ocdsmerge.rules import get_merge_rules

warnings.simplefilter("ignore")
with open(sys.argv[1]) as schema:
    merger = Merger(merge_rules=get_merge_rules(json.load(schema)))

for line in sys.stdin:
    process = json.loads(line)
    outcome = {"ocid": process["ocid"], "error": None}
    for name, merge in [("compiled", merger.create_compiled_release), ("versioned", merger.create_versioned_release)]:
        try:
            outcome[name] = merge(json.loads(line)["releases"])
        except Exception as error:
            outcome[name] = None
            outcome["error"] = f"{name}: {type(error).__name__}: {error}"
    print(json.dumps(outcome))
