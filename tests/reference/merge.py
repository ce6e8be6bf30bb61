"""Merges with the reference implementation, `ocdsmerge`, for `tests/hub/reference.rs`.

Reads JSON Lines of `{"ocid", "releases", "snapshots"}`, the last with the releases in the order in which the hub lists them
if it has no others than those that the publisher compiled himself, and writes JSON Lines of `{"ocid", "compiled", "versioned", "error", "standard"}`,
in the same order; what cannot be made is null. `standard` is what the reference makes once it keeps to the written standard:
`{"compiled", "versioned", "rules"}` with the names of the rules that made a difference. Each rule is one change to what the
reference does, made here anew, so that it shares no code with the hub. The argument is the path of a release schema.
"""

import json
import sys
import warnings
from datetime import datetime, timezone

from ocdsmerge import Merger
from ocdsmerge import flatten as flattening
from ocdsmerge.flatten import IdValue, flatten
from ocdsmerge.merge import CompiledRelease, VersionedRelease
from ocdsmerge.rules import get_merge_rules
from upgrade import keep_roles, upgrade

# The rules by which the standard differs from the reference, in the order in which they are tried.
GIVEN_TWICE = "a release given twice counts once"
INSTANTS = "releases are ordered by instant, then by id, not by the text of their dates"
SNAPSHOTS = "releases that a publisher compiled are states of the process, each in place of the one before"
OCDS_1_0 = "releases of OCDS 1.0 are upgraded to 1.1 before they are merged"
EXTENSIONS = "arrays of known extensions whose objects have no id are replaced as a whole"
REMOVAL = "null over an object or an array of objects removes it"
RULES = [GIVEN_TWICE, INSTANTS, SNAPSHOTS, OCDS_1_0, EXTENSIONS, REMOVAL]

WHOLE_LISTS_OF_EXTENSIONS = [
    "tender/lots/awardCriteria/criteria",
    "tender/lots/selectionCriteria/criteria",
    "tender/selectionCriteria/criteria",
]

with open(sys.argv[1]) as schema:
    REFERENCE_RULES = get_merge_rules(json.load(schema))


def whole_lists(paths):
    return {tuple(path.split("/")): "wholeListMerge" for path in paths}


def instant(release):
    moment = datetime.fromisoformat(release["date"].replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


class Process:
    """A merged release of the reference that takes releases one by one, and follows some of the rules."""

    def __init__(self, kind, rules):
        self.merged = kind(merge_rules=REFERENCE_RULES)
        self.is_compiled = kind is CompiledRelease
        self.rules = rules
    def append(self, release):
        self.merged.merge_rules = dict(REFERENCE_RULES)
        if OCDS_1_0 in self.rules and upgrade(release):
            keep_roles(self.roles(), release)
        if EXTENSIONS in self.rules:
            self.merged.merge_rules.update(whole_lists(WHOLE_LISTS_OF_EXTENSIONS))
        if REMOVAL in self.rules:
            release = self.without_removed(release)
        self.merged.append(release)

    def flat(self, release):
        fields = {key: value for key, value in release.items() if key != "tag"}
        return flatten(fields, self.merged.merge_rules, {}, flattened={})

    def roles(self):
        """The roles of the parties so far, by their ids as text."""
        roles = {}
        for key, value in self.merged.data.items():
            if len(key) == 3 and key[0] == "parties" and key[2] == "roles":
                roles[str(key[1])] = value if self.is_compiled else value[-1]["value"]
        return roles

    def without_removed(self, release):
        """Removes what the release has null for, and takes these nulls out of it."""
        flat = self.flat(release)
        release = json.loads(json.dumps(release))
        for path in [path for path, value in flat.items() if value is None]:
            below = [key for key in self.merged.data if len(key) > len(path) and key[: len(path)] == path]
            for key in below:
                self.remove(key, release)
            if below:
                self.drop(release, path)
        return release

    def remove(self, key, release):
        data = self.merged.data
        if self.is_compiled:
            del data[key]
        elif data[key][-1]["value"] is not None:
            said = {"releaseID": "id", "releaseDate": "date", "releaseTag": "tag"}
            said = {name: release.get(member) for name, member in said.items()}
            data[key].append({**said, "value": None})

    def drop(self, release, path):
        """Takes the field at a path out of a release."""
        place = release
        for part in path[:-1]:
            if isinstance(part, IdValue):
                place = next(item for item in place if str(item.get("id")) == str(part))
            else:
                place = place[part]
        del place[path[-1]]

    def as_dict(self):
        return self.merged.asdict()


def of_snapshots(kind, snapshots, rules):
    """The newest one, or what each changes of the one before: whatever it leaves out is gone."""
    if OCDS_1_0 in rules:
        for snapshot in snapshots:
            upgrade(snapshot)
    if kind is CompiledRelease:
        return snapshots[-1]
    process = Process(kind, [rule for rule in rules if rule != OCDS_1_0])
    by_id = flattening._id_value
    # An object without id is the one that was at its place before.
    flattening._id_value = lambda place, item, rule: by_id(place, item if "id" in item else {"id": f"#{place}"}, rule)
    try:
        for snapshot in snapshots:
            process.append(snapshot)
            flat = process.flat(snapshot)
            for key in process.merged.data:
                if key not in flat and key != ("ocid",):
                    process.remove(key, snapshot)
        for key in process.merged.data:
            for part in key:
                if isinstance(part, IdValue) and part.startswith("#"):
                    part.original_value = None
        return process.as_dict()
    finally:
        flattening._id_value = by_id


def merge(kind, process, rules):
    """What the reference makes of a process if it keeps to these rules."""
    releases, snapshots = process["releases"], process["snapshots"]
    if SNAPSHOTS in rules and snapshots:
        return of_snapshots(kind, snapshots, rules)
    if GIVEN_TWICE in rules:
        releases = list({json.dumps(release, sort_keys=True): release for release in releases}.values())
    if INSTANTS in rules:
        releases = sorted(releases, key=instant)
    else:
        releases = sorted(releases, key=lambda release: release["date"]) if len(releases) > 1 else releases
    process = Process(kind, rules)
    for release in releases:
        process.append(release)
    return process.as_dict()


def by_the_standard(line):
    """The outcome with all rules, and which of them changed it."""
    kinds = {"compiled": CompiledRelease, "versioned": VersionedRelease}
    outcomes = []
    for count in range(len(RULES) + 1):
        outcomes.append({name: merge(kind, json.loads(line), RULES[:count]) for name, kind in kinds.items()})
    changed = [rule for rule, before, after in zip(RULES, outcomes, outcomes[1:]) if before != after]
    return {**outcomes[-1], "rules": changed}


def main():
    warnings.simplefilter("ignore")
    merger = Merger(merge_rules=REFERENCE_RULES)
    for line in sys.stdin:
        outcome = {"ocid": json.loads(line)["ocid"], "error": None}
        for name in ["compiled", "versioned"]:
            make = getattr(merger, f"create_{name}_release")
            try:
                outcome[name] = make(json.loads(line)["releases"])
            except Exception as error:
                outcome[name] = None
                outcome["error"] = f"{name}: {type(error).__name__}: {error}"
        try:
            outcome["standard"] = by_the_standard(line)
        except Exception as error:
            outcome["standard"] = {"compiled": None, "versioned": None, "rules": [f"{type(error).__name__}: {error}"]}
        print(json.dumps(outcome))


main()
