"""Presses on what a dialog shows: the second of two is not about what comes of the first (U5, R6)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import reflex as rx
from sqlmodel import select

from selfcare_app.models import GroupMembership
from selfcare_app.services import group_changes, group_pages, membership_changes
from selfcare_app.services.database import session, writing
from selfcare_app.services.group_changes import ChangeGroup
from selfcare_app.services.membership_changes import ChangeMonths
from selfcare_app.specs.permissions import Role
from selfcare_app.state import gate
from selfcare_app.state.group_adding import GroupAddingState
from selfcare_app.state.group_dialog import GroupDialogState
from selfcare_app.state.group_memberships import ThingsGroupsState
from tests import factories as make


def stored() -> int:
    with session() as db:
        return len(db.exec(select(GroupMembership).order_by(GroupMembership.id)).all())


def opened(state):
    return rx.State(_reflex_internal_init=True).get_substate(state.get_full_name().split("."))


def test_a_double_press_does_not_go_past_who_would_see_more_by_it(database):
    with writing() as db:
        company = make.company(db)
        make.customer_number(db, company, "10023")
        group = make.group(db, company, "Avdelning", "Sälj")
        boss = make.user(db, company, "boss@bjorko.example")
        make.grant(db, make.user(db, company, "seer@bjorko.example", Role.READER, access_all=False), group)
    actor = make.actor(boss)
    dialog = opened(ThingsGroupsState)

    async def press() -> None:
        gate._actor.set(actor)
        dialog._read_ = group_pages.thing(actor, "customer-numbers", "10023")
        await ThingsGroupsState.add.fn(dialog)
        await ThingsGroupsState.save.fn(dialog, "")
        assert dialog.sight
        assert dialog.asking == "add"
        await ThingsGroupsState.save.fn(dialog, "")

    asyncio.run(press())
    assert stored() == 0
    assert dialog.sight
    assert dialog.fingerprint


def test_a_second_press_on_what_has_been_done_is_nothing(database):
    with writing() as db:
        actor = make.actor(make.user(db, make.company(db), "boss@bjorko.example"))
    dialog = opened(GroupDialogState)

    async def press() -> None:
        gate._actor.set(actor)
        assert await GroupDialogState.save.fn(dialog, {"name": "Avdelning"}) is None
        assert await GroupDialogState.confirm.fn(dialog, "") is None
        assert await GroupDialogState.end.fn(dialog, {"month": "2026-11"}) is None

    asyncio.run(press())
    assert group_pages.structure(actor).categories == []


def test_ending_tells_what_it_does_and_who_sees_less_by_it_before_it_is_done(database):
    """U5, for each month that is chosen; what changes meanwhile is told anew."""
    with writing() as db:
        company = make.company(db)
        number, other = (make.customer_number(db, company, said) for said in ("10023", "10024"))
        group = make.group(db, company, "Avdelning", "Sälj")
        make.member(db, group, number, date(2026, 1, 1))
        make.member(db, group, other, date(2026, 1, 1), date(2026, 12, 1))
        actor = make.actor(make.user(db, company, "boss@bjorko.example"))
        seer = make.user(db, company, "seer@bjorko.example", Role.READER, access_all=False)
        make.grant(db, seer, group)
    dialog = opened(GroupDialogState)

    async def press() -> None:
        gate._actor.set(actor)
        await GroupDialogState.remove.fn(dialog, "group", str(group.id))
        assert len(dialog.ending) == 3
        assert "seer" in dialog.ending[1]
        await GroupDialogState.end_from.fn(dialog, "2027-01")
        assert len(dialog.ending) == 2
        asked = {"month": "2027-01", "seen": dialog.ending_seen}
        with writing() as db:
            make.member(db, group, make.customer_number(db, company, "10025"), date(2026, 1, 1))
        await GroupDialogState.end.fn(dialog, asked)
        assert dialog.problem
        assert len(dialog.ending) == 3
        await GroupDialogState.end.fn(dialog, {"month": "2027-02", "seen": dialog.ending_seen})
        assert dialog.problem, "what was shown was another month"

    asyncio.run(press())
    with session() as db:
        assert {row.end_month for row in db.exec(select(GroupMembership))} == {None, date(2026, 12, 1)}


def test_months_are_offered_for_ten_years_and_as_far_as_the_end_that_there_is(database):
    with writing() as db:
        company = make.company(db)
        number = make.customer_number(db, company, "10023")
        group = make.group(db, company, "Avdelning", "Sälj")
        make.member(db, group, number, date(2026, 1, 1), date(2045, 6, 1))
        actor = make.actor(make.user(db, company, "boss@bjorko.example"))
    dialog = opened(ThingsGroupsState)

    async def look() -> None:
        gate._actor.set(actor)
        dialog._read_ = read = group_pages.thing(actor, "customer-numbers", "10023")
        await ThingsGroupsState.change.fn(dialog, "months", str(read.memberships[0].id))

    asyncio.run(look())
    assert dialog.end == dialog.ends["2045"][-1]["month"] == "2045-06"
    assert dialog.starts[f"{actor.month.year + 1}"][-1]["month"] == f"{actor.month.year + 1}-{actor.month:%m}"
    assert dialog.open_ended


def test_whoever_is_slower_is_told_what_was_changed_and_may_save_after_all(database):
    with writing() as db:
        company = make.company(db)
        group = make.group(db, company, "Avdelning", "Sälj")
        number = make.customer_number(db, company, "10023")
        make.member(db, group, number, date(2026, 1, 1))
        actor = make.actor(make.user(db, company, "boss@bjorko.example"))
        other = replace(make.actor(make.user(db, company, "other@bjorko.example")), name="Siv Snabb")
    dialog, months = opened(GroupDialogState), opened(ThingsGroupsState)

    async def press() -> None:
        gate._actor.set(actor)
        await GroupDialogState.change.fn(dialog, "group", str(group.id))
        rename = ChangeGroup(group=group.id, name="Försäljning", description="", version=1)
        group_changes.apply(other, [rename], None)
        await GroupDialogState.save.fn(dialog, {"name": "Sälj norr", "description": ""})
        assert "Siv Snabb" in dialog.changed_by
        assert [(each["before"], each["after"]) for each in dialog.changes] == [("Sälj", "Försäljning")]
        assert dialog.name == "Sälj norr"
        await GroupDialogState.save.fn(dialog, {"name": "Sälj norr", "description": ""})

        months._read_ = read = group_pages.thing(actor, "customer-numbers", "10023")
        (member,) = read.memberships
        await ThingsGroupsState.change.fn(months, "months", str(member.id))
        end = ChangeMonths(membership=member.id, start=member.start, end=date(2026, 12, 1))
        membership_changes.apply(other, [end])
        await ThingsGroupsState.choose_end.fn(months, "2027-03")
        await ThingsGroupsState.save.fn(months, "")
        assert "Siv Snabb" in months.changed_by
        assert [(each["before_key"], each["after"]) for each in months.changes] == [("pages.until_further", "2026-12")]
        await ThingsGroupsState.save.fn(months, "")
        await ThingsGroupsState.change.fn(months, "remove", str(member.id))

    asyncio.run(press())
    read = group_pages.thing(actor, "customer-numbers", "10023")
    assert [(each.group, each.end) for each in read.memberships] == [("Sälj norr", date(2027, 3, 1))]


def test_what_is_no_id_is_no_group(database):
    with writing() as db:
        company = make.company(db)
        make.customer_number(db, company, "10023")
        make.group(db, company, "Avdelning", "Sälj")
        actor = make.actor(make.user(db, company, "boss@bjorko.example"))
    dialog, many = opened(ThingsGroupsState), opened(GroupAddingState)

    async def press(said: str) -> None:
        gate._actor.set(actor)
        dialog._read_ = group_pages.thing(actor, "customer-numbers", "10023")
        await ThingsGroupsState.add.fn(dialog)
        await ThingsGroupsState.choose_group.fn(dialog, said)
        await ThingsGroupsState.save.fn(dialog, "")
        assert dialog.problem
        many._take("customer-numbers", ["10023"], "")
        await GroupAddingState.preview.fn(many, {"group": said})
        assert many.counts["refused"] == 1

    for said in ("²", "9" * 40, "-1", "\x00"):
        asyncio.run(press(said))
    assert stored() == 0
