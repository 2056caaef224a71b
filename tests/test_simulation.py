"""The model of runs on many machines tells what can be reckoned by hand."""

from __future__ import annotations

import pytest

from tests.bench import simulate
from tests.bench.simulation import Fleet, Lane, Prices, Quota, Unit, sizes


def unit(calls: int, *quotas: str, lanes: int = 1, at_once: int = 8) -> Unit:
    return Unit(tuple(Lane(f"l{number}", calls, quotas, at_once) for number in range(lanes)), 1000)


def test_calls_of_a_lane_are_made_eight_at_a_time_after_the_first() -> None:
    told = Fleet(Prices(latency=1.0, call=0.0), {}).run([unit(17)])
    assert told.seconds == 3 and told.calls == 17


def test_pages_come_one_after_the_other() -> None:
    assert Fleet(Prices(latency=1.0, call=0.0), {}).run([unit(5, at_once=1)]).seconds == 5


def test_one_processor_works_for_one_call_at_a_time() -> None:
    told = Fleet(Prices(latency=0.0, call=0.5), {}).run([unit(10, lanes=2)])
    assert told.seconds == told.processor == 10
    two = Fleet(Prices(latency=0.0, call=0.5), {}, workers=2, units_at_once=1).run([unit(10)] * 2)
    assert two.seconds == 5


@pytest.mark.parametrize(("of", "seconds"), [("lane", 10), ("unit", 20), ("run", 40)])
def test_a_quota_is_that_of_a_lane_of_a_unit_or_of_the_run(of: str, seconds: float) -> None:
    quota = {"q": Quota(1.0, 1.0, of)}  # type: ignore[arg-type]
    units = [unit(11, "q", lanes=2)] * 2
    told = Fleet(Prices(latency=0.0, call=0.0), quota).run(units)
    assert told.seconds == pytest.approx(seconds, abs=3)
    assert told.waited["q"] > 0


def test_what_is_declared_is_read_before_the_first_call_and_compared_after_the_last() -> None:
    told = Fleet(Prices(latency=1.0, call=0.0, compare=0.002, declared=0.003), {}).run([unit(1)])
    assert (told.ahead, told.seconds) == (3, 6)


def test_memory_is_that_of_the_units_that_a_worker_holds_at_a_time() -> None:
    prices = Prices(latency=1.0, call=0.0, base=100, thousand=7)
    assert Fleet(prices, {}, units_at_once=4).run([unit(1)] * 8).megabytes == 128


def test_a_coarse_grain_tells_the_same_of_long_lanes() -> None:
    prices, quota = Prices(latency=0.1, call=0.01), {"q": Quota(20, 100)}
    fine, coarse = (Fleet(prices, quota, grain=grain).run([unit(2000, "q")] * 4) for grain in (1, 50))
    assert coarse.calls == fine.calls == 8000
    assert coarse.seconds == pytest.approx(fine.seconds, rel=0.1)


def test_sizes_make_the_whole_and_differ() -> None:
    drawn = sizes(200, 1_000_000, 1.0)
    assert sum(drawn) == pytest.approx(1_000_000, rel=0.001) and max(drawn) > 5 * 1_000_000 / 200


def test_every_cloud_is_modelled_and_google_is_bound_by_what_one_project_may_ask() -> None:
    assert set(simulate.clouds()) == {"aws", "azure", "gcp", "kubernetes"}
    google = simulate.clouds()["gcp"]
    told = simulate.fleet(google, 50, scopes=1000, resources=5_000_000)
    assert told.waited.most_common(1)[0][0] == "list-assets-payer"
    assert told.seconds - told.ahead > told.calls * simulate.SAMPLE / 100 * 60 / simulate.SAMPLE * 0.8
    assert all(" (" in line for line in simulate.assumptions())
