import pytest

from foedus.world.arenas import arena_names, load_arena
from foedus.world.cases import case_names, load_case
from foedus.world.errors import UnknownNameError


def test_points_are_placed_by_the_polygon():
    strait = load_arena("taiwan-strait")
    assert strait.contains(119.9, 24.8)
    assert not strait.contains(124.0, 25.8)
    assert load_arena("east-china-sea").contains(124.0, 25.8)
    assert load_arena("south-china-sea").contains(117.8, 15.2)


def test_no_event_is_counted_in_two_arenas():
    places = [arena for arena in map(load_arena, arena_names()) if arena.located]
    for lon in range(100, 135):
        for lat in range(1, 45):
            at = [a.name for a in places if a.contains(lon + 0.37, lat + 0.37)]
            assert len(at) <= 1, (lon, lat)


@pytest.mark.parametrize("case", case_names())
def test_every_arena_of_a_case_is_a_file(case: str):
    for name in load_case(case).arenas:
        arena = load_arena(name)
        assert arena.located == bool(arena.series)
        assert arena.proxy_pairs


def test_an_unknown_arena_lists_the_arenas():
    with pytest.raises(UnknownNameError, match="taiwan-strait"):
        load_arena("black-sea")
