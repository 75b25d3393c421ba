"""How a package shows its public names: each is loaded when it is first used, so that importing the package is quick.

A face is the `__init__` of a package: its docstring says what each name is, `__all__` lists them, and users, notebooks
and the documentation import from there and from nowhere deeper.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package.

    Parameters
    ----------
    package : its name
    homes : for each public name "module:name", where it is defined
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, own = homes[name].partition(":")
        return getattr(import_module(f"{package}.{module}"), own)

    return load
