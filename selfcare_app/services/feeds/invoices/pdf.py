"""The PDF that an invoice carries (I4): taken out as it was put in, when it is one."""

from __future__ import annotations

import base64
import binascii
import re

from selfcare_app.services.feeds.invoices.document import PORTAL
from selfcare_app.services.feeds.invoices.xml import Element, Unfit

_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]+$")
_NAME_LIMIT = 200


def embedded_pdf(root: Element) -> tuple[bytes | None, str]:
    """The first attached PDF and its name; None when no attachment says it is one.

    Raises Unfit for what can't be decoded, or says PDF and is something else.
    """
    for found in root.all("AdditionalDocumentReference", "Attachment", "EmbeddedDocumentBinaryObject"):
        if found.attributes.get("mimeCode", "").strip().lower() != "application/pdf":
            continue
        try:
            content = base64.b64decode("".join(found.text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Unfit("pdf_not_base64", found.line, PORTAL) from None
        # From the first byte on: what begins otherwise may be read as something else by whoever opens it.
        if not content.startswith(b"%PDF-"):
            raise Unfit("pdf_is_none", found.line, PORTAL)
        return content, _name(found.attributes.get("filename", ""))
    return None, ""


def _name(given: str) -> str:
    """The last part of the file name."""
    found = _NAME.search(given.strip())
    return found.group()[-_NAME_LIMIT:] if found else ""
