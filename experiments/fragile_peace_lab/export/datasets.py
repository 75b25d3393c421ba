"""A sweep as xarray Datasets: runs, and estimates, over structures, levers, members and draws; NetCDF files of them.

Levers that are crossed are dimensions of their own; others (moved together, or listed one by one) are coordinates along
one dimension, `combination`. Unknowns and labels are coordinates along `member`. "Never" is NaN; codes carry their
names as CF's `flag_values` and `flag_meanings`. Needs the extra `xarray`.
"""

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace.errors import InputError
from fragile_peace_lab.design.axis import INDEX
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.runs import Runs

if TYPE_CHECKING:
    import xarray

    from fragile_peace_lab.export.opened import Variable

NUMBERS = (
    "estimate", "mc_low", "mc_high", "param_low", "param_high", "plain", "n_runs", "n_draws", "n_members",
)  # fmt: skip
"""Columns of estimates that are kept in a Dataset."""
ABOUT = ("title", "unit", "kind", "prior_driven")
"""Columns of estimates that belong to the outcome alone."""


def run_dataset(design: pa.Table, rows: pa.Table, about: Mapping[str, "Variable"]) -> "xarray.Dataset":
    """Return the runs of a sweep over structure (where there are any), levers, member and run.

    Parameters
    ----------
    design : its points (`store.folder.design_of`)
    rows : its runs (`store.folder.read`)
    about : what the columns of both are

    Raises
    ------
    InputError : xarray is not installed; runs are missing
    """
    xr = need_xarray()
    runs = Runs.from_tables(design, rows)
    dims, sizes, coords = _settings(runs)
    numbers = np.unique(rows["run"].to_numpy())
    free = [_free(name, runs.data) for name in dims]
    data = {}
    for name, block in runs.data.items():
        flag = pa.types.is_boolean(rows.schema.field(name).type) and block.dtype == np.int8
        values = (block.astype(bool) if flag else block).reshape(*sizes, runs.members, runs.draws)
        data[name] = ((*free, "member", "run"), values, _attributes(about.get(name)))
    coords |= {"member": np.arange(runs.members), "run": numbers} | _unknowns(design, runs, about)
    made: xarray.Dataset = xr.Dataset(data, {_free(name, data): coordinate for name, coordinate in coords.items()})
    return made


def estimate_dataset(tables: Mapping[str, pd.DataFrame], runs: Runs) -> "xarray.Dataset":
    """Return the estimates of outcomes over outcome, true type at the start, structure and levers; both bands apart.

    Parameters
    ----------
    tables : of estimates, by name; those with a row an outcome, type and setting are taken
    runs : of the same sweep, for its settings
    """
    xr = need_xarray()
    wanted = {"outcome", "type", *runs.keys, *NUMBERS}
    rows = pd.concat([table for name, table in tables.items() if wanted <= set(table) and name != "by_label"])
    outcomes, types = (list(dict.fromkeys(rows[name])) for name in ("outcome", "type"))
    dims, sizes, coords = _settings(runs)
    place = {tuple(setting[key] for key in runs.keys): i for i, setting in enumerate(runs.settings)}
    at = np.array([place[tuple(key)] for key in rows[[*runs.keys]].itertuples(index=False)], np.int64)
    index = (rows["outcome"].map(outcomes.index).to_numpy(), rows["type"].map(types.index).to_numpy(), at)
    data = {}
    for name in NUMBERS:
        block = np.full((len(outcomes), len(types), len(place)), np.nan)
        block[index] = rows[name].astype(float)
        data[name] = (("outcome", "type", *dims), block.reshape(len(outcomes), len(types), *sizes))
    first = rows.drop_duplicates("outcome")
    coords |= {"outcome": outcomes, "type": types}
    coords |= {name: ("outcome", first[name].astype(str).tolist()) for name in ABOUT}
    made: xarray.Dataset = xr.Dataset(data, coords)
    return made


def week_dataset(table: pd.DataFrame, about: Mapping[str, "Variable"]) -> "xarray.Dataset":
    """Return a table of weeks over point (where it has any), run and week; NaN after the ceasefire's end."""
    need_xarray()
    index = [name for name in ("point", "run", "week") if name in table]
    found: xarray.Dataset = table.set_index(index).to_xarray()
    for name in found:
        if found[name].dtype == object or not isinstance(found[name].dtype, np.dtype):
            found[name] = (found[name].dims, found[name].to_numpy().astype(float))
        found[name].attrs = _attributes(about.get(str(name)))
    return found


def netcdf(dataset: "xarray.Dataset") -> bytes:
    """Return a Dataset as the bytes of a NetCDF-4 file, compressed; a blank in a name is `_` there.

    Raises InputError where the extra `xarray` is not installed.
    """
    try:
        import h5netcdf  # noqa: F401
        import h5py  # noqa: F401
    except ImportError as error:
        raise InputError(f"xarray: NetCDF files need {error.name}: pip install 'fragile-peace[xarray]'") from error
    plain = dataset.rename({name: str(name).replace(" ", "_") for name in dataset.variables if " " in str(name)})
    encoding = {name: {"zlib": True, "complevel": 4} for name in plain.data_vars}
    return bytes(plain.to_netcdf(engine="h5netcdf", encoding=encoding))


def need_xarray() -> Any:
    """Return xarray. Raises InputError where the extra `xarray` is not installed."""
    try:
        import xarray
    except ImportError as error:
        raise InputError(f"xarray: needs {error.name}: pip install 'fragile-peace[xarray]'") from error
    return xarray


def _settings(runs: Runs) -> tuple[list[str], list[int], dict[str, Any]]:
    """Return dimensions, sizes and coordinates of the settings, structures first."""
    dims, sizes, coords = [], [], {}
    if runs.structures:
        dims, sizes, coords = [STRUCTURE], [len(runs.structures)], {STRUCTURE: list(runs.structures)}
    combinations = len(runs.settings) // max(1, len(runs.structures))
    settings = [tuple(setting[name] for name in runs.levers) for setting in runs.settings[:combinations]]
    values = [list(dict.fromkeys(column)) for column in zip(*settings, strict=True)]
    if settings == list(itertools.product(*values)):
        levers = dict(zip(runs.levers, values, strict=True))
        return dims + list(levers), sizes + [len(column) for column in values], coords | levers
    along = {
        name: ("combination", [setting[k] for setting in settings], {"long_name": "lever"})
        for k, name in enumerate(runs.levers)
    }
    return [*dims, "combination"], [*sizes, combinations], coords | {"combination": np.arange(combinations)} | along


def _unknowns(design: pa.Table, runs: Runs, about: Mapping[str, "Variable"]) -> dict[str, Any]:
    """Return unknowns and labels as coordinates: by member, or by structure and member where a structure sets them."""
    names = [name for name in design.column_names if name not in (*INDEX, STRUCTURE, *runs.levers)]
    frame = design.to_pandas()
    frame = frame[frame["combination"] == 0]
    found = {}
    for name in names:
        by_structure = [frame[frame[STRUCTURE] == s] for s in runs.structures] if runs.structures else [frame]
        values = [part.sort_values("sample")[name].to_numpy() for part in by_structure]
        same = all((column == values[0]).all() for column in values)
        dims = ("member",) if same else (STRUCTURE, "member")
        found[name] = (dims, values[0] if same else np.array(values), _attributes(about.get(name)))
    return found


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """Return a coordinate's name, which an outcome may have already: a lever `weeks` is `lever.weeks` beside it."""
    return f"lever.{name}" if name in taken else name


def _attributes(about: "Variable | None") -> dict[str, Any]:
    """Return CF's attributes of a column: unit, meaning, codes and their names."""
    if about is None:
        return {}
    found: dict[str, Any] = {"long_name": about.text} if about.text else {}
    if about.unit:
        found["units"] = about.unit
    if about.codes:
        found["flag_values"] = np.array(list(about.codes), np.int8)
        found["flag_meanings"] = " ".join(about.codes.values())
    return found
