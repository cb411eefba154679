"""The kinds of upload there are."""

from __future__ import annotations

from collections.abc import Mapping

from selfcare_app.services.uploads import groups, memberships
from selfcare_app.services.uploads.kind import UploadKind

KINDS: Mapping[str, UploadKind] = {kind.spec.key: kind for kind in (groups.KIND, memberships.KIND)}
