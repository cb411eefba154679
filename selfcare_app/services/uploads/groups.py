"""Uploading categories and groups (R1, R5, R6): rows as changes of `services.group_changes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Group, GroupCategory
from selfcare_app.services import group_changes
from selfcare_app.services.access import Actor
from selfcare_app.services.group_changes import Change, Put, RemoveCategory, RemoveGroup
from selfcare_app.services.group_writes import Does, Outcome
from selfcare_app.services.uploads import changes
from selfcare_app.services.uploads.changes import Named
from selfcare_app.services.uploads.kind import FieldChange, Plan, Table, Unfit, UploadKind
from selfcare_app.specs.groups import name_key
from selfcare_app.specs.uploads import ACTION, GROUPS


def template(db: DatabaseSession, actor: Actor) -> Iterator[Sequence[str]]:
    """Each category, and after it its groups."""
    groups = group_changes.stored(db, actor, Group)
    for category_id, category in group_changes.stored(db, actor, GroupCategory).items():
        yield category["name"], "", category["description"], "", ""
        for group in groups.values():
            if group["category_id"] == category_id:
                yield category["name"], group["name"], group["description"], "", ""


def plan(db: DatabaseSession, actor: Actor, table: Table) -> Plan:
    """What the rows would do, in whatever order they stand. All of them call things by their present names: those of a
    category that is renamed too."""
    described = "description" in table.given

    def change(cells: Mapping[str, str]) -> Named[Change]:
        category, group = cells["category"], cells["group"]
        if not category:
            raise Unfit("category", "feeds.cell.required")
        key = (name_key(category), name_key(group))
        if cells[ACTION]:
            return Named(key, RemoveGroup(group=(category, group)) if group else RemoveCategory(category=category))
        description = cells["description"] if described else None
        return Named(key, Put(category=category, group=group, description=description, new_name=cells["new_name"]))

    return changes.planned(
        table,
        change,
        lambda wanted: group_changes.planned(db, actor, wanted),
        _fields,
        columns=_COLUMNS,
    )


_COLUMNS = {
    "unknown_category": "category",
    "most_categories": "category",
    "category_taken": "new_name",
    "group_taken": "new_name",
    "unknown_group": "group",
    "most_groups": "group",
    "description_too_long": "description",
    "gives_access": "group",
    "gives_own_access": "group",
    "members_outside": "group",
}
"""Where on the row what is refused stands."""


def _fields(outcome: Outcome) -> Iterator[FieldChange]:
    for field, before, after in outcome.differences:
        if field == "description":
            yield FieldChange("description", before or "", after or "")
        elif field == "name" and outcome.does is Does.CHANGE:
            yield FieldChange("new_name", before, after)


def _choices(_db: DatabaseSession, _actor: Actor) -> Mapping[str, Sequence[str]]:
    return {}


KIND = UploadKind(spec=GROUPS, template=template, choices=_choices, plan=plan, apply=changes.apply, undo=changes.undo)
