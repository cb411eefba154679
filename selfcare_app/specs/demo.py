"""The demo's sign-ins: what the sign-in page offers and the start-up prints, in demo mode only (data.md)."""

from __future__ import annotations

DEMO_PASSWORD = "demo-demo-demo"  # noqa: S105  known to everyone, and only accounts of the demo have it

DEMO_SIGN_INS: tuple[tuple[str, str], ...] = (
    ("feeds.demo.superuser", "superuser@bjorko.example"),
    ("feeds.demo.superuser2", "superuser2@bjorko.example"),
    ("feeds.demo.admin", "admin@bjorko.example"),
    ("feeds.demo.orderer", "orderer@bjorko.example"),
    ("feeds.demo.approver1", "approver1@bjorko.example"),
    ("feeds.demo.approver2", "approver2@bjorko.example"),
    ("feeds.demo.finance", "finance@bjorko.example"),
    ("feeds.demo.reader", "reader@bjorko.example"),
    ("feeds.demo.partial", "partial@bjorko.example"),
    ("feeds.demo.other_company", "superuser@sjovik.example"),
    ("feeds.demo.both", "both@konsult.example"),
    ("feeds.demo.operator", "staff@exempelnat.example"),
)
"""Key of the text that says who it is, and the address."""
