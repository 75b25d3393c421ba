"""The war block's sample: draws of the elicited prior, kept by who signed and by how often wars came back.

For each source (a reference class or an expert, `war_pool`) a stream of draws of the prior, of its own:

1. q ~ Beta(2, 6), and the draw is a *tactical signer* with the chance q;
2. *participation*: both sides signed, so a draw is kept if P(the war comes back at the first review) in `no_force`, at
   the prior over types, is at most .05, or if it is a tactical signer;
3. *acceptance* with a chance in proportion to the source's likelihood of F(2 y), F(5 y) and the share of early wars.

Within a source this is prior x likelihood. Between sources it is not: the sources' shares are their weights, exactly.
Mixed in one stream, a class would count in proportion to how much of the payoff prior happens to lie near its record,
and ranges that nobody can defend would decide which history the world is like.

Members of all sources are dealt in blocks of five, as many of each as keeps its share nearest to its weight, in an
order drawn for each block: a fixed one would fall in step with the Sobol points that members are paired with.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import log
from zlib import crc32

import numpy as np
from scipy.special import betaincinv

from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.errors import InputError
from fragile_peace_lab.calibration.war import ELICITED, FIRST, FITTED, NAMES, TACTICAL, Elicited
from fragile_peace_lab.calibration.war_path import EARLY, WEEKS, YEAR, Paths, tension_path
from fragile_peace_lab.calibration.war_pool import Source
from fragile_peace_lab.design import labels
from fragile_peace_lab.design.war_sample import (
    ABOUT,
    CURVE,
    FIRST_REVIEW,
    FREE,
    LISTED_WEEKS,
    REFERENCE,
    Q,
    WarSample,
    within,
)

SEED = 20280704
CHUNK = 1024
DEAL = 5
DIGITS = 9
MOST = 2_000_000
"""So many draws of a source without enough members: its record is out of the prior's reach."""
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """What a sample is a function of, beside the tables and the kernels."""

    members: int = 512
    seed: int = SEED


@dataclass
class Stream:
    """What came of a source's draws.

    Attributes
    ----------
    drawn, signed, tactical, accepted : how many draws; those kept by participation, and tactical signers among these;
        those accepted
    members : point, q, tactical, F at each review, of those accepted
    kept : the points of the first that were kept by participation, to see what that narrows
    """

    drawn: int = 0
    signed: int = 0
    tactical: int = 0
    accepted: int = 0
    members: list[tuple[dict[str, float], float, bool, np.ndarray]] = field(default_factory=list)
    kept: list[dict[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Fit:
    """A sample, and what came of each source's draws."""

    sample: WarSample
    streams: dict[str, Stream]


def fit(sources: Sequence[Source], settings: Settings, tell: Tell = lambda words: None) -> Fit:
    """Return the sample of some sources; a function of its arguments, the tables and the kernels.

    Raises InputError where a source's record is out of reach.
    """
    order = dealt(sources, settings.members, settings.seed)
    wanted = Counter(order)
    paths = Paths(tension_path(settings.seed))
    streams = {}
    for source in sources:
        streams[source.name] = _draw(source, wanted[source.name], paths, settings.seed)
        stream = streams[source.name]
        tell(f"{source.name}: {stream.accepted} members of {stream.drawn} draws, {stream.signed} of which signed")
    return Fit(_sample(sources, order, streams, settings), streams)


def dealt(sources: Sequence[Source], members: int, seed: int) -> list[str]:
    """Return the source of each member: shares nearest to the weights after every block of five, in a drawn order."""
    rng = np.random.default_rng([seed, 0])
    counts = dict.fromkeys((source.name for source in sources), 0)
    order: list[str] = []
    while len(order) < members:
        block = []
        for place in range(len(order) + 1, len(order) + DEAL + 1):
            lack = [round(source.weight * place - counts[source.name], 9) for source in sources]
            name = sources[int(np.argmax(lack))].name
            counts[name] += 1
            block.append(name)
        order += [block[index] for index in rng.permutation(DEAL)]
    return order[:members]


def _draw(source: Source, wanted: int, paths: Paths, seed: int) -> Stream:
    """Draw from the prior until a source has its members."""
    rng = np.random.default_rng([seed, crc32(source.name.encode())])
    stream = Stream()
    while len(stream.members) < wanted:
        if stream.drawn >= MOST:
            raise InputError(
                f"{source.name}: {stream.accepted} of {MOST} draws of the elicited prior agree with it, {wanted} are "
                "needed; its record is out of reach of the ranges in calibration/war.py"
            )
        u = rng.random((CHUNK, len(ELICITED) + 3))
        columns = {item.name: item.prior.quantile(u[:, index]) for index, item in enumerate(ELICITED)}
        q = np.array([float(f"{value:.{DIGITS}g}") for value in betaincinv(*TACTICAL, u[:, -3])])
        tactical, accept = u[:, -2] < q, u[:, -1]
        for index in range(CHUNK):
            point = {name: columns[name][index] for name in NAMES}
            _try(stream, source, paths, point, float(q[index]), bool(tactical[index]), float(accept[index]))
            if len(stream.members) == wanted:
                break
    return stream


def _try(
    stream: Stream, source: Source, paths: Paths, point: dict[str, float], q: float, tactical: bool, accept: float
) -> None:
    """Count a draw, and keep it if both sides sign and its source accepts it."""
    stream.drawn += 1
    if not tactical and first_review(paths, point) > FIRST:
        return
    stream.signed += 1
    stream.tactical += tactical
    if len(stream.kept) < CHUNK:
        stream.kept.append(point)
    need = log(accept) if accept > 0 else -np.inf
    seen: dict[int, float] = {}
    for year in source.years:  # no term is above 0: what a few years rule out, more do not bring back
        curve = paths.came_back(point, year * YEAR)
        seen[year] = rounded(paths.at(curve, year * YEAR))
        if year < FITTED[0]:
            continue
        early = rounded(paths.at(curve, EARLY) / max(paths.at(curve, FITTED[0] * YEAR), 1e-12))
        if rounded(source.log_likelihood(seen, early)) <= need:
            return
    stream.accepted += 1
    stream.members.append((point, q, tactical, paths.came_back(point, WEEKS)))


def first_review(paths: Paths, point: dict[str, float]) -> float:
    """Return P(the war comes back at the first review), at the prior over types."""
    return rounded(float(paths.came_back(point, paths.every)[0]))


def rounded(value: float) -> float:
    """Return a number to nine decimals, on which libraries that differ in the last bits agree."""
    return round(value, DIGITS)


def _sample(sources: Sequence[Source], order: list[str], streams: dict[str, Stream], settings: Settings) -> WarSample:
    """Put the members in their order."""
    of = {source.name: iter(streams[source.name].members) for source in sources}
    members = [next(of[name]) for name in order]
    reference = {source.name: source.reference for source in sources}
    columns: dict[str, np.ndarray] = {name: np.array([member[0][name] for member in members]) for name in NAMES}
    roles = {item.name: CURVE if item.curve else FREE for item in ELICITED}
    texts = {name: CATALOGUE[name].text for name in (*NAMES, REFERENCE)}
    columns[REFERENCE] = np.array([reference[name] for name in order], object)
    columns[labels.CLASS] = np.array(order, object)
    columns[labels.TACTICAL] = np.array(["yes" if member[2] else "no" for member in members], object)
    roles |= {REFERENCE: labels.CLASS, labels.CLASS: labels.LABEL, labels.TACTICAL: labels.LABEL}
    texts |= {name: labels.BY_NAME[name].title for name in (labels.CLASS, labels.TACTICAL)}
    every = CATALOGUE["war.review_weeks"].default or 4
    columns[Q] = np.array([member[1] for member in members])
    columns[FIRST_REVIEW] = np.array([rounded(float(member[3][0])) for member in members])
    texts |= {Q: "chance to be a tactical signer", FIRST_REVIEW: "P(war again at the first review) in no_force"}
    for week in LISTED_WEEKS:
        columns[within(week)] = np.array([rounded(float(member[3][week // int(every) - 1])) for member in members])
        texts[within(week)] = f"P(war again within {week} weeks) in no_force"
    roles |= dict.fromkeys((Q, FIRST_REVIEW, *map(within, LISTED_WEEKS)), ABOUT)
    about = {
        "seed": settings.seed,
        "sources": [[source.name, rounded(source.weight)] for source in sources],
        "survival": {name: survival(stream) for name, stream in streams.items()},
        "signed_widths": signed_widths(streams),
    }
    return WarSample(columns, roles, texts, about)


def survival(stream: Stream) -> dict[str, float]:
    """Return the shares of a stream's draws: kept by participation, tactical among these, accepted of these."""
    return {
        "draws": stream.drawn,
        "participation": rounded(stream.signed / stream.drawn),
        "tactical": rounded(stream.tactical / max(1, stream.signed)),
        "accepted": rounded(stream.accepted / max(1, stream.signed)),
    }


def signed_widths(streams: dict[str, Stream]) -> dict[str, float]:
    """Return the width of each unknown among the draws that participation kept, over that of its prior."""
    points = [point for stream in streams.values() for point in stream.kept]
    return {item.name: rounded(width(item, np.array([point[item.name] for point in points]))) for item in ELICITED}


def width(item: Elicited, values: np.ndarray) -> float:
    """Return the distance of the 5 % and 95 % points over that of the prior, on the scale of the prior."""
    ends = np.array(item.prior.support)
    if item.prior.kind == "loguniform":
        ends, values = np.log(ends), np.log(values)
    low, high = np.quantile(values, (0.05, 0.95))
    return float((high - low) / (0.9 * (ends[1] - ends[0])))
