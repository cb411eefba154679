"""What /healthz tells: the process, the database, the mail queue."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from selfcare_app.services import mail_delivery
from selfcare_app.services.database import session

logger = logging.getLogger(__name__)


def check(now: datetime) -> dict[str, Any]:
    """status is ok or failing; mail is None while the database can't be asked."""
    try:
        with session() as db:
            db.connection().execute(text("SELECT 1"))
        mail = mail_delivery.queue_state(now)
    except SQLAlchemyError:
        logger.exception("The database does not answer")
        return {"status": "failing", "process": "ok", "database": "failing", "mail": None}
    return {"status": "ok", "process": "ok", "database": "ok", "mail": mail}
