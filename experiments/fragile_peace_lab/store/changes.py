"""What differs between two manifests: whether a folder may be gone on with, in a user's words."""

from typing import Any

from fragile_peace_lab.design.own import KEY


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Name what differs between two manifests beyond growth in runs and samples, in a user's words."""
    found = []
    if old.get("schema") != new["schema"]:
        found.append(f"the folder's format (schema {old.get('schema')}, here {new['schema']})")
    before, after = old["sweep"], new["sweep"]
    for key in sorted(set(before) | set(after)):
        left, right = before.get(key), after.get(key)
        if key in ("set", "levers", "uncertainties", "structures"):
            left, right = left or {}, right or {}
            names = [name for name in {**left, **right} if left.get(name) != right.get(name)]
            found += [f"{key}.{name}" for name in names]
            if not names and list(left) != list(right):
                found.append(f"the order of {key}")
        elif key == "design":
            found += _design_changes(left, right)
        elif key not in ("runs", "title", "description") and left != right:
            found.append(key)
    for name in {**old["scenarios"], **new["scenarios"]}:
        if old["scenarios"].get(name, {}).get("digest") != new["scenarios"].get(name, {}).get("digest"):
            found.append(f"scenario {name}")
    if old["outcomes"] != new["outcomes"]:
        found.append("the outcomes of a run")
    found += _own_changes(old.get(KEY, []), new.get(KEY, []))
    if old["source_digest"] != new["source_digest"]:
        found.append("the kernel sources or the versions of Numba and NumPy")
    elif old["behaviour_digest"] != new["behaviour_digest"]:
        found.append("the behaviour of the model (the same sources give other numbers on this machine)")
    return found


def _own_changes(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[str]:
    """Own outcomes whose module, or what it says of them, is another; those added or left out the sweep names."""
    before = {entry["function"]: entry for entry in old}
    return [f"the source of {e['function']}" for e in new if before.get(e["function"], e) != e]


def _design_changes(left: dict[str, Any], right: dict[str, Any]) -> list[str]:
    found = [f"design.{key}" for key in ("levers", "draws") if left.get(key) != right.get(key)]
    old, new = left["uncertainties"], right["uncertainties"]
    if old != new and not (isinstance(old, dict) and isinstance(new, dict) and list(old) == list(new)):
        found.append("design.uncertainties")
    elif old != new and "lhs" in old:
        found.append("design.uncertainties.lhs (a Latin hypercube cannot be extended; to be able to, use sobol)")
    return found
