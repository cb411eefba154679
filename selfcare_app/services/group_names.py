"""What categories and groups are called while they change: found by their present names, and judged in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from selfcare_app.services.access import Refused
from selfcare_app.specs.groups import DESCRIPTION_LENGTH, NAME_LENGTH, name_key, shown

Rows = Mapping[int, dict[str, Any]]
"""Fields by id; what is still to be made has an id below 0."""
_Called = tuple[int | None, str]
"""The category a group is in, None for a category, and the key of the name."""


class Names:
    """The names of one table (`group_category` or `group`), as they are stored and as changes leave them.

    Changes call things by their present names, whatever others of them rename. Whether a name is free is therefore
    a question of all of them together: names may go round.
    """

    def __init__(self, was: Rows) -> None:
        self._was = {id_: _called(values) for id_, values in was.items()}
        self._ids = {called: id_ for id_, called in self._was.items()}
        self._by: dict[int, list[int]] = {}
        """Places of the changes that gave a row its name, or found it under the one it was made with."""

    def find(self, rows: Rows, name: str, category: int | None = None) -> int | None:
        """What is called so at present and is still there, else what has been made under that name."""
        id_ = self._ids.get((category, name_key(name)))
        return id_ if id_ in rows else None

    def made(self, id_: int, name: str, category: int | None = None) -> None:
        """Something new that is known by a name from now on."""
        self._ids[category, name_key(name)] = id_

    def named(self, id_: int, place: int) -> None:
        """The change in that place stands or falls with what the row is called."""
        self._by.setdefault(id_, []).append(place)

    def taken(self, rows: Rows) -> Iterator[tuple[list[int], int]]:
        """Of each row that can't be called so, the changes that wanted it, and who has the name: the row that has it
        already, else the one that was first to take it."""
        holders: dict[_Called, list[int]] = {}
        for id_, values in rows.items():
            holders.setdefault(_called(values), []).append(id_)
        for called, ids in holders.items():
            if len(ids) > 1:
                first, *others = sorted(
                    ids, key=lambda id_: (self._was.get(id_) != called, min(self._by.get(id_, (0,))))
                )
                yield from ((self._by.get(other, []), first) for other in others)


def _called(values: Mapping[str, Any]) -> _Called:
    return values.get("category_id"), name_key(values["name"])


def refusal_of_taken(categories: Rows, groups: Rows, table: str, holder: int) -> Refused:
    """That there is one of that name."""
    if table == "group_category":
        return Refused("grouping.refused.category_taken", category=categories[holder]["name"])
    category = categories[groups[holder]["category_id"]]["name"]
    return Refused("grouping.refused.group_taken", group=shown(category, groups[holder]["name"]))


def checked_name(name: str) -> str:
    """The name in one line. Refuses none, and one that is too long."""
    plain = _in_one_line(name)
    if not plain:
        raise Refused("grouping.refused.name_missing")
    if len(plain) > NAME_LENGTH:
        raise Refused("grouping.refused.name_too_long", most=NAME_LENGTH)
    return plain


def checked_description(description: str) -> str:
    """The description in one line. Refuses one that is too long."""
    plain = _in_one_line(description)
    if len(plain) > DESCRIPTION_LENGTH:
        raise Refused("grouping.refused.description_too_long", most=DESCRIPTION_LENGTH)
    return plain


def _in_one_line(characters: Iterable[str]) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in characters).split())
