"""datasette's table page: database, company, page, runs -> p50 and p95. Facets that nobody asked for are off."""

from __future__ import annotations

import asyncio
import sys

from asking import timed
from datasette.app import Datasette

file, _company, page, runs = sys.argv[1:]
table = page.partition("?")[0]
site = Datasette([file], settings={"suggest_facets": False, "default_page_size": 50, "sql_time_limit_ms": 20_000})
loop = asyncio.new_event_loop()
loop.run_until_complete(site.invoke_startup())
found_by = f"&_fts_table={table}_search&_fts_pk=id" if "_search=" in page else ""


def ask() -> None:
    """One page, as a browser gets it."""
    answer = loop.run_until_complete(site.client.get(f"/selfcare/{page}{found_by}"))
    assert answer.status_code == 200, answer.text[:500]
    assert "<td" in answer.text, "an empty page is nothing to measure by"


timed(ask, int(runs))
