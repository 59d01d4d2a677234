"""Who scores rows in `bulk.py`: perfrules on each kind of frame, queries by hand, and engines row by row.

Each gets the rows in the form that it likes best, made before the clock starts, and a call ends when every score is
computed and held in memory. A contender whose package is not installed is left out, and named.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeAlias

import byhand
import byhand_numpy
import polars as pl
from peers import HERE, formulas, zen_graph

import perfrules
from perfrules.frames.scoring import score_frame

Run: TypeAlias = Callable[[], Any]
OURS = "perfrules, polars lazy"
BY_HAND = "polars by hand"
EQUAL = "polars by hand, ranges checked"  # what perfrules does, too
ZEN = "zen, engine"


@dataclass(frozen=True)
class Contender:
    """One who scores rows.

    Attributes:
        name: As the table says it.
        prepare: From the rows to the call that is timed.
        read: From what the call returns to columns named as perfrules names them, for comparing.
        sample: Rows that are timed of those given, where each takes long; None: all of them.
        packages: What has to be installed, beside perfrules and polars.
    """

    name: str
    prepare: Callable[[pl.DataFrame], Run]
    read: Callable[[Any], pl.DataFrame] = lambda result: result
    sample: int | None = None
    packages: tuple[str, ...] = ()

    @property
    def absent(self) -> list[str]:
        """The packages that are not installed."""
        return [name for name in self.packages if find_spec(name) is None]


def contenders(sample: int, spark: bool) -> list[Contender]:
    """All of them, in the order of the table; those that go row by row on so many rows only."""
    ruleset = perfrules.load(HERE / "ruleset.toml")
    care = byhand.Care(ranges=_ranges(ruleset))
    return [
        *_frames(ruleset, spark),
        _polars(BY_HAND, byhand.REFERENCE),
        _polars(EQUAL, care),
        _polars("polars by hand, all rounded", byhand.Care(round_all=True)),
        _polars("polars by hand, divisors unguarded", byhand.Care(zero=False)),
        Contender("numpy by hand", _numpy, _from_arrays),
        Contender("OpenFisca", _openfisca, _from_arrays, None, ("openfisca_core",)),
        Contender("perfrules.evaluate", lambda rows: _evaluate(ruleset, rows), _from_rows, sample),
        Contender("zen, decision", _zen_decision, _from_rows, sample, ("zen",)),
        Contender(ZEN, _zen_engine, _from_rows, sample, ("zen",)),
        Contender("cel", _cel, _from_rows, sample, ("cel",)),
    ]


def _ranges(ruleset: Any) -> dict[str, byhand.Range]:
    """The range of each fact that declares one."""
    declared = {name: fact.range for name, fact in ruleset.declaration.facts.items() if fact.range}
    return {name: (_nearest(ends[0]), _nearest(ends[1])) for name, ends in declared.items()}


def _nearest(number: Any) -> float:
    return float(number.numerator / number.denominator)


def _polars(name: str, care: byhand.Care) -> Contender:
    return Contender(name, lambda rows: lambda: byhand.score(rows.lazy(), care).collect())


def _frames(ruleset: Any, spark: bool) -> Iterator[Contender]:
    def scored(frame: Any) -> Any:
        return score_frame(ruleset, frame)

    yield Contender(OURS, lambda rows: lambda: scored(rows.lazy()).collect())
    yield Contender(f"{OURS}, plan alone", lambda rows: lambda: scored(rows.lazy()), lambda plan: plan.collect())
    yield Contender("perfrules, polars", lambda rows: lambda: scored(rows))
    yield Contender("perfrules, pyarrow", lambda rows: _call(scored, rows.to_arrow()), _from_arrow, None, ("pyarrow",))
    yield Contender("perfrules, pandas", lambda rows: _call(scored, _pandas(rows)), pl.from_pandas, None, ("pandas",))
    yield Contender("perfrules, duckdb", lambda rows: _duckdb(scored, rows), _from_arrow, None, ("duckdb",))
    if spark:
        yield Contender("perfrules, pyspark", lambda rows: _spark(scored, rows), _from_spark, None, ("pyspark",))


def _call(function: Callable[[Any], Any], argument: Any) -> Run:
    return lambda: function(argument)


def _pandas(rows: pl.DataFrame) -> Any:
    """Columns of pandas over pyarrow: those of numpy do not know what is missing."""
    return rows.to_pandas(use_pyarrow_extension_array=True)


def _duckdb(scored: Callable[[Any], Any], rows: pl.DataFrame) -> Run:
    import duckdb

    connection = duckdb.connect()
    connection.register("drawn", rows.to_arrow())
    connection.execute("create table facts as select * from drawn")
    return lambda: scored(connection.table("facts")).to_arrow_table()


def _spark(scored: Callable[[Any], Any], rows: pl.DataFrame) -> Run:
    """The scored frame is computed in full and dropped; `_from_spark` computes it again to look at it."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    frame = session.createDataFrame(rows.to_arrow()).cache()
    frame.count()

    def run() -> Any:
        result = scored(frame)
        result.write.format("noop").mode("overwrite").save()
        return result

    return run


def _from_spark(frame: Any) -> pl.DataFrame:
    return _from_arrow(frame.toArrow())


def _from_arrow(table: Any) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _numpy(rows: pl.DataFrame) -> Run:
    facts = byhand_numpy.prepare(rows)
    return lambda: byhand_numpy.score(facts)


def _openfisca(rows: pl.DataFrame) -> Run:
    import fisca

    facts = byhand_numpy.prepare(rows)
    made = fisca.system(list(facts))
    return lambda: fisca.score(made, facts)


def _from_arrays(columns: dict[str, Any]) -> pl.DataFrame:
    frame = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
    return frame.with_columns(pl.when(pl.col("grade") != "").then("grade"))


def _complete(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows that miss nothing: the engines do not know what is missing, and would stop at it."""
    return rows.drop_nulls().to_dicts()


def _evaluate(ruleset: Any, rows: pl.DataFrame) -> Run:
    """Full evaluations, of rows that miss nothing as well; totals are read, so nothing stays uncomputed."""
    submissions = _complete(rows)

    def run() -> list[dict[str, Any]]:
        scores = []
        for submission in submissions:
            evaluation = perfrules.evaluate(ruleset, submission)
            total = evaluation.total.score if evaluation.total else None
            scores.append({name: evaluation[name].score for name in byhand.WEIGHTS} | {"total": total})
        return scores

    return run


def _zen_decision(rows: pl.DataFrame) -> Run:
    import zen

    decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(zen_graph())))
    submissions = _complete(rows)
    return lambda: [decision.evaluate(facts)["result"] for facts in submissions]


def _zen_engine(rows: pl.DataFrame) -> Run:
    import zen

    content = zen.ZenDecisionContent(json.dumps(zen_graph()))
    engine = zen.ZenEngine({"loader": lambda key: content})
    submissions = _complete(rows)
    return lambda: [engine.evaluate("department", facts)["result"] for facts in submissions]


def _cel(rows: pl.DataFrame) -> Run:
    """One context a row, made of floats; the total is summed here."""
    import cel

    texts = formulas("cel")
    programs = [(name, cel.compile(f"double(int(({text}) * 100.0 + 0.5)) / 100.0")) for name, text in texts.items()]
    submissions = [
        {name: value if isinstance(value, bool) else float(value) for name, value in row.items()}
        for row in _complete(rows)
    ]

    def run() -> list[dict[str, float]]:
        results = []
        for facts in submissions:
            context = cel.Context(facts)
            scores = {name: program.execute(context) for name, program in programs}
            scores["total"] = round(sum(scores.values()), 2)
            results.append(scores)
        return results

    return run


def _from_rows(results: list[dict[str, Any]]) -> pl.DataFrame:
    named = ({name if name == "total" else f"score.{name}": float(s) for name, s in row.items()} for row in results)
    return pl.DataFrame(list(named))


def first_complete(rows: pl.DataFrame, sample: int) -> pl.DataFrame:
    """The first rows that miss nothing, at most so many."""
    return rows.drop_nulls().head(sample)
