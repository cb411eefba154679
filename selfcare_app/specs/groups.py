"""What a company's groups may be (R1, R3): how many, how far ahead, how names are told apart."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from selfcare_app.specs.text import search_key, sort_key

MOST_CATEGORIES = 10
MOST_GROUPS = 50
"""In all categories together."""
MONTHS_AHEAD = 12
"""A membership starts at most so many months after the present one."""
END_MONTHS_AHEAD = 120
"""Its end month may be any later one (R3); forms offer so many."""
NAME_LENGTH = 60
DESCRIPTION_LENGTH = 300
MOST_CHANGES = 50_000
"""In one go: no fewer than a file may have rows."""


@lru_cache(maxsize=1024)
def name_key(name: str) -> str:
    """Two names with the same key are one name (R1): case and spaces are ignored, and nothing else."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def name_sort(name: str) -> str:
    """Swedish order (L1); names that sort alike, such as 7 and 007, are told apart after it."""
    return f"{sort_key(name)}\t{name_key(name)}"


def name_fields(name: str, description: str = "") -> dict[str, Any]:
    """All that is stored of name and description."""
    found_by = search_key(name, description)
    return {"name": name, "name_key": name_key(name), "name_sort": name_sort(name), "search_key": found_by}


def shown(category: str, group: str) -> str:
    """Kategori:Grupp (R1)."""
    return f"{category}:{group}"
