"""Published numbers made again; and what the notebooks share.

    choose          a setting in full, or the quick one
    show, table     a picture or a table, the same bytes for the same numbers
    published       a published figure of a folder, with its caption
    key_numbers     the numbers that `fragile-peace reproduce` compares

`fragile-peace reproduce` is the referee's command.
"""

from typing import TYPE_CHECKING

from fragile_peace.faces import lazy

if TYPE_CHECKING:
    from fragile_peace_lab.reproduction.notebook import choose, key_numbers, published, show, table

__all__ = ["choose", "key_numbers", "published", "show", "table"]
__getattr__ = lazy("fragile_peace_lab.reproduction", {name: f"notebook:{name}" for name in __all__})
