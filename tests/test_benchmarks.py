"""`make bench` runs, at a tiny size: all that needs no server, browser or network. How fast, nobody asks here."""

from benchmarks import peers, report
from benchmarks.measuring import SQLITE, TIMES_FLOOR, Line, Must, Skipped
from benchmarks.places import SMALL
from benchmarks.works import WORKS, chosen, run


def test_each_work_runs_and_stands_in_the_table(tmp_path, monkeypatch):
    def not_here():
        raise Skipped("Nothing is installed in tests.")

    monkeypatch.setattr(peers, "python", not_here)
    works = chosen(["lists", "feeds", "uploads", "usage"])
    so_far = []
    lines = run(works, [SQLITE], SMALL, tmp_path, told=lambda found: so_far.append(len(found)))
    assert so_far == list(range(1, len(works) + 1)), "each is told when it is measured"
    assert [line.work for line in lines] == works
    assert not [line for line in lines if line.failed]
    for line in lines:
        assert all(figure >= 0 for figure in line.measured.values())
        assert line.floor is None or line.ratio > 0
    page = report.text(lines, SMALL, ["A note."], 1)
    assert "skipped: Nothing is installed in tests." in page
    assert all(f"| {work.what.format(size=SMALL)} | SQLite |" in page for work in works)
    assert not list(tmp_path.iterdir()), "what was made is removed again"


def test_names_are_told_apart_and_unknown_ones_choose_nothing():
    assert len({work.name for work in WORKS}) == len(WORKS)
    assert chosen([]) == list(WORKS)
    assert [work.name for work in chosen(["lists.deep", "usage"])] == ["lists.deep", "usage.months", "usage.part"]
    assert chosen(["list"]) == []


def test_a_target_is_met_by_all_its_figures_or_missed():
    (work,) = chosen(["exports.csv"])

    def line(seconds, first_byte=0.1, floor=1.0):
        figures = {"s": seconds, "s to the first byte": first_byte, "MB more memory": 1}
        return Line(work, SQLITE, figures, {"s": floor}, ())

    assert Must(TIMES_FLOOR, 2.5) in work.must
    assert line(2.5).met
    assert line(2.6).met is False
    assert line(2.5, first_byte=0.3).met is False
    assert Line(work, SQLITE, "skipped: It isn't there.", {"s": 1.0}, ()).met is None
    assert report.text([line(2.6)], SMALL, [], 1).count("**no**") == 1
