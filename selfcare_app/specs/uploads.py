"""What can be uploaded as an Excel file (R6): each kind with its page, its columns and the right it takes.

Texts: uploads.<key>.title, .help, .what; headings uploads.columns.<column>; instructions uploads.instructions.<column>.
"""

from __future__ import annotations

from dataclasses import dataclass

from selfcare_app.specs.permissions import Permission

ACTION = "action"
"""The column that says what a row does when it does more than state how things are to be."""
PROBLEMS = "problems"
"""The column that a file has when it is given back with what is wrong; it is passed over when it comes again."""


@dataclass(frozen=True, kw_only=True)
class UploadColumn:
    """One column. `required` ones must stand in every file; whether a cell may be empty is the kind's business."""

    key: str
    width: int = 22
    """Of the template, in characters."""
    required: bool = False
    fixed: tuple[str, ...] = ()
    """Keys of the only texts that may stand in it, in either language; it may be empty too."""


@dataclass(frozen=True, kw_only=True)
class UploadSpec:
    """One kind of upload."""

    key: str
    route: str
    """Its page."""
    above: tuple[str, str]
    """Key of the name, and address, of the page it is reached from."""
    permission: Permission
    icon: str
    columns: tuple[UploadColumn, ...]

    @property
    def texts(self) -> str:
        """Where its texts stand."""
        return f"uploads.{self.key.replace('-', '_')}"

    def column(self, key: str) -> UploadColumn:
        """The column with the key."""
        return next(column for column in self.columns if column.key == key)


GROUPS = UploadSpec(
    key="groups",
    route="/groups/upload",
    above=("uploads.groups.above", "/groups"),
    permission=Permission.GROUPS_WRITE,
    icon="layers",
    columns=(
        UploadColumn(key="category", width=26, required=True),
        UploadColumn(key="group", width=26, required=True),
        UploadColumn(key="description", width=44),
        UploadColumn(key="new_name", width=26),
        UploadColumn(key=ACTION, width=12, fixed=("uploads.words.remove",)),
    ),
)
GROUP_MEMBERSHIPS = UploadSpec(
    key="group-memberships",
    route="/group-memberships/upload",
    above=("uploads.group_memberships.above", "/group-memberships"),
    permission=Permission.GROUPS_WRITE,
    icon="layers",
    columns=(
        UploadColumn(
            key="object_kind", width=16, fixed=("uploads.words.customer_number", "uploads.words.subscription")
        ),
        UploadColumn(key="number", width=18, required=True),
        UploadColumn(key="category", width=26, required=True),
        UploadColumn(key="group", width=26, required=True),
        UploadColumn(key="start", width=14, required=True),
        UploadColumn(key="end", width=14, required=True),
        UploadColumn(key=ACTION, width=12, fixed=("uploads.words.remove",)),
    ),
)
UPLOADS: dict[str, UploadSpec] = {spec.key: spec for spec in (GROUPS, GROUP_MEMBERSHIPS)}
