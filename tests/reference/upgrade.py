"""Releases of OCDS 1.0 turned into releases of 1.1, for `merge.py`: what `ocds/src/upgrade.rs` says, written anew."""

import json

ORGANIZATIONS = [
    ("buyer", "buyer"),
    ("tender/procuringEntity", "procuringEntity"),
    ("tender/tenderers", "tenderer"),
    ("bids/details/tenderers", "tenderer"),
    ("awards/suppliers", "supplier"),
    ("contracts/suppliers", "supplier"),
]
TRANSACTIONS = "contracts/implementation/transactions"
OF_TRANSACTIONS = [("providerOrganization", "payer"), ("receiverOrganization", "payee")]
DETAILS = ["identifier", "additionalIdentifiers", "address", "contactPoint"]


def is_filled(value):
    if isinstance(value, dict):
        return any(map(is_filled, value.values()))
    if isinstance(value, list):
        return any(map(is_filled, value))
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def text(holder, key):
    """A text or number that says something, as text."""
    value = holder.get(key) if isinstance(holder, dict) else None
    return str(value).strip() if is_filled(value) and (isinstance(value, str) or is_number(value)) else None


def objects(value, path):
    """The objects at a path; lists are passed through."""
    if isinstance(value, list):
        return [found for item in value for found in objects(item, path)]
    if not isinstance(value, dict):
        return []
    return objects(value.get(path[0]), path[1:]) if path else [value]


def at(release, path):
    return objects(release, path.split("/"))


def can_be_party(organization):
    identity, roles = organization.get("id"), organization.get("roles")
    is_known = not is_filled(identity) or text(organization, "id") is not None
    return is_filled(organization) and is_known and (not is_filled(roles) or isinstance(roles, (list, str)))


def is_written_out(organization):
    details = any(is_filled(organization.get(detail)) for detail in DETAILS)
    return can_be_party(organization) and (not is_filled(organization.get("id")) or details)


def is_identifier(value):
    return isinstance(value, dict) and is_filled(value)


def is_ocds_1_0(release):
    acting = [organization for path, _ in ORGANIZATIONS for organization in at(release, path)]
    paid = [
        transaction
        for transaction in at(release, TRANSACTIONS)
        if any(is_identifier(transaction.get(old)) and new not in transaction for old, new in OF_TRANSACTIONS)
    ]
    return not is_filled(release.get("parties")) and (any(map(is_written_out, acting)) or bool(paid))


def small(name):
    return " ".join(name.split()).lower()


def texts(value):
    if isinstance(value, dict):
        return [found for inner in value.values() for found in texts(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in texts(inner)]
    if isinstance(value, bool):
        return [str(value).lower()]
    return [] if value is None else [str(value)]


def identity(organization):
    identifier = organization.get("identifier")
    scheme, number = text(identifier, "scheme"), text(identifier, "id")
    if text(organization, "id") is not None:
        return text(organization, "id")
    if scheme is not None and number is not None:
        return f"{scheme}-{number}"
    name = text(organization, "name") or text(identifier, "legalName")
    return small(name if name is not None else " ".join(texts(organization)))


def agree(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        return all(agree(one[key], value) for key, value in other.items() if key in one)
    return not is_filled(one) or not is_filled(other) or json.dumps(one) == json.dumps(other)


def absorb(known, more):
    for key, value in more.items():
        if isinstance(known.get(key), dict) and isinstance(value, dict):
            absorb(known[key], value)
        elif key not in known or (not is_filled(known[key]) and is_filled(value)):
            known[key] = value


class Parties:
    def __init__(self):
        self.by_id, self.by_text, self.roles = {}, {}, {}

    def refer(self, organization, role, name):
        written = json.dumps(organization)
        if written not in self.by_text:
            self.by_text[written] = self.find(dict(organization))
        own = self.by_text[written]
        party = self.by_id[own]
        if role in dict(OF_TRANSACTIONS).values() and name is not None and not is_filled(party.get("name")):
            party["name"] = name
        roles = self.roles.setdefault(own, [])
        roles += [] if role in roles else [role]
        return {"id": party["id"], **({} if name is None else {"name": name})}

    def find(self, organization):
        own = identity(organization)
        given = organization.pop("id", None)
        if own in self.by_id and agree(self.by_id[own], organization):
            absorb(self.by_id[own], organization)
            return own
        if own in self.by_id:
            number = 2
            while f"{own}-{number}" in self.by_id:
                number += 1
            own, given = f"{own}-{number}", None
        self.by_id[own] = {"id": given if is_filled(given) else own, **organization}
        return own

    def list(self):
        for own, party in self.by_id.items():
            said = party.pop("roles", None)
            said = said if isinstance(said, list) else [said] if is_filled(said) else []
            party["roles"] = said + [role for role in self.roles[own] if role not in said]
        return list(self.by_id.values())


def filled(holder, key):
    return holder[key] if is_filled(holder.get(key)) else None


def put(holder, members):
    holder.clear()
    holder.update(members)


def upgrade(release):
    """Upgrades a release of OCDS 1.0; false if it is none."""
    if not is_ocds_1_0(release):
        return False
    parties = Parties()
    for path, role in ORGANIZATIONS:
        for organization in at(release, path):
            if can_be_party(organization):
                put(organization, parties.refer(dict(organization), role, filled(organization, "name")))
    for transaction in at(release, TRANSACTIONS):
        if "value" not in transaction and isinstance(transaction.get("amount", 0), (dict, type(None))):
            transaction["value"] = transaction.pop("amount")
        for old, new in OF_TRANSACTIONS:
            if new not in transaction and is_identifier(transaction.get(old)):
                identifier = transaction.pop(old)
                transaction[new] = parties.refer({"identifier": identifier}, new, filled(identifier, "legalName"))
            elif new not in transaction and transaction.get(old, 0) is None:
                transaction[new] = transaction.pop(old)
    for path in ["tender", "awards", "contracts"]:
        for holder in at(release, path):
            upgrade_amendment(holder)
    release["parties"] = parties.list()
    return True


def upgrade_amendment(holder):
    amendment, known = holder.get("amendment", 0), holder.get("amendments", [])
    if isinstance(amendment, list) and len(amendment) == 1:
        amendment = amendment[0]
    if amendment is None and "amendments" not in holder:
        holder["amendments"] = holder.pop("amendment")
    if not isinstance(amendment, dict) or not is_filled(amendment) or not isinstance(known, list):
        return
    if amendment not in known:
        date = amendment.get("date") if isinstance(amendment.get("date"), str) else None
        own = filled(amendment, "id") or (date if is_filled(date) else "amendment")
        if any(isinstance(one, dict) and str(one.get("id")) == str(own) for one in known):
            return
        known = [*known, {**amendment, "id": own}]
    del holder["amendment"]
    holder["amendments"] = known


def keep_roles(roles, release):
    """Adds to the roles of the parties those that they had before."""
    for party in release["parties"]:
        before = roles.get(str(party["id"]))
        if isinstance(before, list):
            party["roles"] = before + [role for role in party["roles"] if role not in before]
