"""How values look on screen: Swedish formats, page links. Pure functions."""

from __future__ import annotations

from collections.abc import Callable

NO_BREAK_SPACE = "\u00a0"


def grouped(number: int) -> str:
    """1 234 567, with no-break spaces."""
    return f"{number:,}".replace(",", NO_BREAK_SPACE)


def page_links(current: int, last: int, neighbours: int, address: Callable[[int], str]) -> list[dict[str, str]]:
    """1 … 4 5 6 … 20: the first, the last, the current and its neighbours; a gap of one page is that page."""
    wanted = {1, last, *range(max(1, current - neighbours), min(last, current + neighbours) + 1)}
    wanted |= {page for page in range(2, last) if page - 1 in wanted and page + 1 in wanted}
    links: list[dict[str, str]] = []
    before = 0
    for page in sorted(wanted):
        if page - before > 1:
            links.append({"label": "…", "href": "", "kind": "gap"})
        links.append({"label": grouped(page), "href": address(page), "kind": "current" if page == current else "page"})
        before = page
    return links
