"""Strict reading of YAML that people write: plain data only.

Refused, each with one clear line: anchors and aliases (they can expand without end), tags, duplicate keys, more than
one document, files over 1 MiB, text that is not UTF-8. Numbers such as 1e-3 are numbers, as in YAML 1.2; `on`, `off`,
`yes`, `no` and dates are text. What `dump` writes, `parse` reads back to equal data, and so does any YAML 1.1 reader.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from fragile_peace.declared import regular
from fragile_peace.errors import InputError, shown

MAX_BYTES = 1 << 20


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", self.peek_event().start_mark)
        event = self.peek_event()
        if getattr(event, "anchor", None) is not None:
            raise yaml.composer.ComposerError(None, None, "anchors are not allowed", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise yaml.composer.ComposerError(None, None, "tags are not allowed", event.start_mark)
        return super().compose_node(parent, index)

    def key_of(self, node: Any) -> Any:
        """Return the name that a node of a mapping stands for."""
        return self.construct_object(node, deep=True)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.key_of(key_node)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, f"the name {key!r} is not text", key_node.start_mark)
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"{key} is given twice", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


class _NumberedLoader(_Loader):
    """Takes names that are numbers too, as they are written."""

    def key_of(self, node: Any) -> Any:
        return node.value if isinstance(node, yaml.ScalarNode) else super().key_of(node)


_RESOLVERS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|false|False", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", list("-+0123456789.")),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.")),
)


class _Dumper(yaml.SafeDumper):
    """Quotes whatever either reader, ours or a YAML 1.1 one, would take for something else than text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # PyYAML takes U+0085, U+2028 and U+2029 for line breaks unless they are written as escapes.
    plain = all(character.isprintable() or character == "\n" for character in text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _RESOLVERS:
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def parse(text: str, where: str, numbered: bool = False) -> Any:
    """Return the data in one YAML document; `where` names it in errors. Raises InputError.

    `numbered` allows names that are numbers, which stay text as they are written.
    """
    try:
        return yaml.load(text, Loader=_NumberedLoader if numbered else _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise InputError(f"{where}{line}: {', '.join(filter(None, (error.context, error.problem)))}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{where}: not readable as YAML ({shown(str(error))})") from None


def read(path: Path, numbered: bool = False) -> dict[str, Any]:
    """Return the mapping in a YAML file. Raises InputError, which names the file; `numbered` as in `parse`."""
    data = parse(regular.text(path, MAX_BYTES), str(path), numbered)
    if not isinstance(data, dict):
        raise InputError(f"{path}: must be a mapping of names to values")
    return data


def scalar(text: str, where: str) -> Any:
    """Return the value written after `=` on a command line."""
    return parse(text, where)


def dump(data: Any) -> str:
    """Return plain data as YAML text, keys in their own order."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
