"""Categories and groups: names, limits, removing with what goes along, who may (R1, R5, U5)."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import inspect
from sqlmodel import select

from selfcare_app.models import AccessGrant, AuditEntry, Group, GroupCategory, GroupCostMonth, GroupMembership
from selfcare_app.services import costs, group_changes, group_undo
from selfcare_app.services.access import NotFound, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.group_changes import (
    AddCategory,
    AddGroup,
    ChangeCategory,
    ChangeGroup,
    EndCategory,
    EndGroup,
    Put,
    RemoveCategory,
    RemoveGroup,
)
from selfcare_app.services.group_writes import Does, Stale, Write
from selfcare_app.specs.permissions import Permission, Role
from tests import factories as make

P = Permission
SPRING, AUTUMN, NOVEMBER = date(2026, 3, 1), date(2026, 9, 1), date(2026, 11, 1)


class Firm:
    """Two departments: a customer number in the one since spring, a subscription of another in the other."""

    def __init__(self, db):
        self.company = make.company(db)
        self.number, self.hidden = (
            make.customer_number(db, self.company, "10023"),
            make.customer_number(db, self.company, "10057"),
        )
        self.subscription = make.subscription(db, self.hidden, "S1")
        self.sales, self.support = (make.group(db, self.company, "Avdelning", n) for n in ("Sälj", "Support"))
        self.stay = make.member(db, self.sales, self.number, SPRING)
        self.other_stay = make.member(db, self.support, self.subscription, AUTUMN)
        self.boss = make.user(db, self.company, "boss@bjorko.example")
        self.finance = make.user(db, self.company, "finance@bjorko.example", Role.FINANCE)
        self.seer = make.user(db, self.company, "seer@bjorko.example", Role.READER, access_all=False)
        stranger = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "boss@sjovik.example")
        self.foreign_actor = make.actor(stranger)
        self.actor, self.writer = make.actor(self.boss), make.actor(self.finance)


@pytest.fixture
def firm(database):
    with writing() as db:
        return Firm(db)


def all_of(model, **where):
    with session() as db:
        return db.exec(select(model).filter_by(**where).order_by(*inspect(model).primary_key)).all()


def names(model):
    return sorted(row.name for row in all_of(model))


def refusal_of(actor, *changes):
    with pytest.raises(Refused) as refused:
        group_changes.apply(actor, list(changes))
    return refused.value.key.removeprefix("grouping.refused.")


def partial(firm, permissions=(P.GROUPS_WRITE,)):
    """Somebody who sees one customer number only."""
    with writing() as db:
        user = make.user(
            db, firm.company, "part@bjorko.example", Role.CUSTOM, access_all=False, permissions=[*permissions]
        )
        make.grant(db, user, firm.number)
    return make.actor(user)


# --- Making and changing


def test_a_category_and_its_groups_are_made_described_and_logged_in_one_go(firm):
    changes = [
        AddGroup(category="kostnads ställe", name="2010"),
        AddCategory(name="  Kostnadsställe ", description="Efter kontoplan"),
        AddGroup(category=firm.sales.category_id, name="Marknad"),
    ]
    seen = group_changes.preview(firm.writer, changes)
    assert [o.label for o in seen.outcomes] == ["Kostnadsställe:2010", "Kostnadsställe", "Avdelning:Marknad"]
    assert names(GroupCategory) == ["Avdelning"]
    group_changes.apply(firm.writer, changes, seen.fingerprint)
    assert (names(GroupCategory), names(Group)) == (
        ["Avdelning", "Kostnadsställe"],
        ["2010", "Marknad", "Support", "Sälj"],
    )
    said = all_of(AuditEntry, action="group.created")
    assert {(e.object_label, e.after["name"], e.who) for e in said} == {
        ("Kostnadsställe:2010", "2010", "finance"), ("Avdelning:Marknad", "Marknad", "finance"),
    }  # fmt: skip
    assert all_of(AuditEntry, action="group_category.created")[0].after["description"] == "Efter kontoplan"


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        (AddCategory(name=" avDEL ning"), "category_taken"),
        (AddGroup(category="AVDELNING", name="s ä l j"), "group_taken"),
        (ChangeGroup(group=("Avdelning", "Support"), name="SÄLJ"), "group_taken"),
        (AddCategory(name=" \n"), "name_missing"),
        (AddCategory(name="x" * 61), "name_too_long"),
        (AddCategory(name="X", description="y" * 301), "description_too_long"),
        (AddGroup(category="Kontor", name="Gävle"), "unknown_category"),
        (RemoveGroup(group=("Avdelning", "Marknad")), "unknown_group"),
        (RemoveGroup(group=10**6), "refused.not_found"),
        (ChangeCategory(category=10**6, name="X"), "refused.not_found"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_is_refused(firm, change, refused):
    assert refusal_of(firm.actor, change) == refused
    assert all_of(AuditEntry) == []


def test_names_are_one_whatever_their_case_and_spaces_and_nothing_else(firm):
    alike = ["Å", "A", "7", "007", "Café", "Cafe"]
    group_changes.apply(firm.actor, [AddGroup(category="Avdelning", name=name) for name in alike])
    assert set(alike) <= set(names(Group))
    with pytest.raises(Exception, match=r"name_key|UNIQUE"), writing() as db:
        make.group(db, firm.company, "Avdelning", "ca FÉ")


def test_names_may_go_round_and_be_taken_over_at_once(firm):
    changes = [
        ChangeGroup(group=firm.sales.id, name="Marknad"),
        ChangeGroup(group=firm.support.id, name="Sälj"),
        AddGroup(category="Avdelning", name="Support"),
    ]
    done = group_changes.apply(firm.actor, changes)
    assert {g.id: g.name for g in all_of(Group)} == {
        firm.sales.id: "Marknad", firm.support.id: "Sälj", done.writes[-1].id: "Support",
    }  # fmt: skip
    assert all(g.version == 1 + (g.id != done.writes[-1].id) for g in all_of(Group))
    group_undo.undo(firm.actor, done.writes)
    assert names(Group) == ["Support", "Sälj"]


def test_of_two_who_change_the_same_group_the_later_is_told(firm):
    group_changes.apply(firm.actor, [ChangeGroup(group=firm.sales.id, name="Försäljning", version=1)])
    late = ChangeGroup(group=firm.sales.id, description="Gamla", version=1)
    assert refusal_of(firm.writer, late) == "refused.changed_by.another"


def test_a_row_of_a_file_makes_describes_and_renames(firm):
    rows = [
        Put(category="Kontor", group="Gävle", description="Norra"),
        Put(category="avdelning", group="sälj", description="Ute"),
        Put(category="Avdelning", group="Support", new_name="Kundtjänst"),
        Put(category="Avdelning", group="Support"),
        Put(category="Avdelning"),
        RemoveGroup(group=("Avdelning", "Borta")),
    ]
    seen = group_changes.preview(firm.actor, rows)
    does = [o.does for o in seen.outcomes]
    assert does == [Does.ADD, Does.CHANGE, Does.CHANGE, Does.NOTHING, Does.NOTHING, Does.REFUSED]
    assert seen.outcomes[1].differences == [("description", "", "Ute")]
    assert seen.outcomes[2].differences == [("name", "Support", "Kundtjänst")]
    assert names(GroupCategory) == ["Avdelning"]
    group_changes.apply(firm.actor, rows, seen.fingerprint, leave_out_refused=True)
    assert names(Group) == ["Gävle", "Kundtjänst", "Sälj"]
    assert group_changes.preview(firm.actor, rows[:2]).outcomes[0].does == Does.NOTHING


@pytest.mark.parametrize("turned", [False, True])
def test_rows_call_things_by_their_present_names_in_whatever_order_they_stand(firm, turned):
    def told(*rows, but=None):
        asked = rows[::-1] if turned else rows
        seen = group_changes.preview(firm.actor, asked)
        refused = {o.label: o.refused.key.rpartition(".")[2] for o in seen.refused}
        assert refused == (but or {})
        if not refused:
            done = group_changes.apply(firm.actor, asked, seen.fingerprint)
            called = {c.id: c.name for c in all_of(GroupCategory)}
            now = sorted((called[g.category_id], g.name, g.description) for g in all_of(Group))
            group_undo.undo(firm.actor, done.writes)
            return now
        return None

    group_changes.apply(firm.actor, [AddCategory(name="Kontor"), AddGroup(category="Kontor", name="Gävle")])
    support, sales, gävle = ("Avdelning", "Support", ""), ("Avdelning", "Sälj", ""), ("Kontor", "Gävle", "")
    assert told() == [support, sales, gävle]
    onward = Put(category="Avdelning", new_name="Kontor"), Put(category="Kontor", new_name="Ort")
    assert told(*onward) == [("Kontor", "Support", ""), ("Kontor", "Sälj", ""), ("Ort", "Gävle", "")]
    round_ = (
        Put(category="Avdelning", new_name="Kontor"),
        Put(category="kontor", new_name="Avdelning"),
        Put(category="Kontor", group="Gävle", description="Norra"),
        Put(category="Avdelning", group="Sälj", new_name="Support"),
        Put(category="Avdelning", group="Support", new_name="SÄLJ"),
        Put(category="Avdelning", group="Lager"),
    )
    assert told(*round_) == [
        ("Avdelning", "Gävle", "Norra"), ("Kontor", "Lager", ""), ("Kontor", "Support", ""), ("Kontor", "SÄLJ", ""),
    ]  # fmt: skip
    room = Put(category="Avdelning", new_name="Kontor"), RemoveCategory(category="Kontor")
    assert told(*room) == [("Kontor", "Support", ""), ("Kontor", "Sälj", "")]
    made = Put(category="Ny", group="Ett"), Put(category="Ny", description="Den nya", new_name="Nyare")
    assert told(*made)[-1] == ("Nyare", "Ett", "")
    told(
        Put(category="Avdelning", group="Sälj", new_name="Lager"),
        Put(category="Avdelning", group="Lager", description="Ny"),
        but={"Avdelning:Sälj" if turned else "Avdelning:Lager": "group_taken"},
    )
    told(
        Put(category="Avdelning", new_name="Kontor"),
        Put(category="Kontor", new_name="Ort"),
        Put(category="Ort"),
        Put(category="Ort", group="Ett"),
        but=dict.fromkeys(("Avdelning", "Kontor") if turned else ("Ort", "Ort:Ett"), "category_taken"),
    )


# --- Limits


def test_there_are_at_most_ten_categories_and_fifty_groups_also_when_two_try_at_once(firm):
    group_changes.apply(firm.actor, [AddCategory(name=f"K{n}") for n in range(8)])
    group_changes.apply(firm.actor, [AddGroup(category=f"K{n % 8}", name=f"G{n}") for n in range(47)])
    answers: list[str] = []

    def attempt(change):
        try:
            group_changes.apply(firm.actor, [change])
            answers.append("made")
        except Refused as refused:
            answers.append(refused.key.removeprefix("grouping.refused."))

    for pair in ([AddCategory(name=n) for n in "AB"], [AddGroup(category="K1", name=n) for n in "AB"]):
        threads = [threading.Thread(target=attempt, args=(change,)) for change in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == ["made", "made", "most_categories", "most_groups"]
    assert (len(all_of(GroupCategory)), len(all_of(Group))) == (10, 50)
    # Removing makes room, wherever it stands in the list.
    swap = [AddGroup(category="K1", name="Ny"), RemoveGroup(group=("K0", "G0"))]
    group_changes.apply(firm.actor, swap)
    assert len(all_of(Group)) == 50


# --- Removing and ending


def test_removing_says_what_goes_along_and_takes_it_with_costs_summed_anew(firm):
    with writing() as db:
        make.invoice(db, firm.number, "9001")
        costs.recount(db, firm.company.id)
    assert {c.group_id for c in all_of(GroupCostMonth)} == {firm.sales.id}
    seen = group_changes.preview(firm.actor, [RemoveCategory(category="Avdelning")])
    (outcome,) = seen.outcomes
    assert (outcome.takes_groups, outcome.takes_memberships, outcome.history) == (2, 2, True)
    done = group_changes.apply(firm.actor, [RemoveCategory(category="Avdelning")], seen.fingerprint)
    for model in (GroupCategory, Group, GroupMembership, GroupCostMonth):
        assert all_of(model) == []
    assert {e.object_label for e in all_of(AuditEntry, action="group_membership.removed")} == {
        "10023 · Avdelning:Sälj", "S1 · Avdelning:Support",
    }  # fmt: skip
    kept = [Write.read(write.stored()) for write in done.writes]
    group_undo.undo(firm.actor, kept)
    assert names(Group) == ["Support", "Sälj"]
    assert sorted((m.start_month, m.customer_number_id) for m in all_of(GroupMembership)) == [
        (SPRING, firm.number.id), (AUTUMN, None),
    ]  # fmt: skip
    assert sum(c.amount for c in all_of(GroupCostMonth)) == 100


def test_a_preview_that_is_old_is_not_applied_but_shown_anew(firm):
    change = [RemoveGroup(group=firm.sales.id)]
    seen = group_changes.preview(firm.actor, change)
    with writing() as db:
        make.member(db, firm.sales, make.customer_number(db, firm.company, "10099"), NOVEMBER)
    with pytest.raises(Stale) as stale:
        group_changes.apply(firm.actor, change, seen.fingerprint)
    assert stale.value.preview.outcomes[0].takes_memberships == 2
    assert len(all_of(Group)) == 2


def test_ending_keeps_what_was_and_drops_what_is_to_come(firm):
    with writing() as db:
        make.member(db, firm.sales, firm.hidden, date(2027, 2, 1))
        make.member(db, firm.sales, firm.subscription, SPRING, date(2026, 6, 1))
    from_december = EndGroup(group=firm.sales.id, month=date(2026, 12, 15))
    (outcome,) = group_changes.preview(firm.actor, [from_december]).outcomes
    assert (outcome.does, outcome.takes_memberships, outcome.history) == (Does.CHANGE, 2, False)
    group_changes.apply(firm.actor, [from_december])
    left = {(m.start_month, m.end_month) for m in all_of(GroupMembership, group_id=firm.sales.id)}
    assert left == {(SPRING, NOVEMBER), (SPRING, date(2026, 6, 1))}
    assert names(Group) == ["Support", "Sälj"]
    assert group_changes.preview(firm.actor, [from_december]).outcomes[0].does == Does.NOTHING
    for month in (date(2026, 10, 1), date(2027, 12, 1)):
        assert refusal_of(firm.actor, EndGroup(group=firm.sales.id, month=month)) == "end_from"
    group_changes.apply(firm.actor, [EndCategory(category="Avdelning", month=NOVEMBER)])
    assert {m.end_month for m in all_of(GroupMembership)} == {date(2026, 10, 1), date(2026, 6, 1)}


# --- Who may


def test_what_holds_something_outside_ones_access_cannot_be_removed_or_ended(firm):
    actor = partial(firm)
    assert refusal_of(actor, RemoveGroup(group=firm.support.id)) == "members_outside"
    assert refusal_of(actor, RemoveCategory(category="Avdelning")) == "members_outside"
    assert refusal_of(actor, EndGroup(group=firm.support.id, month=NOVEMBER)) == "members_outside"
    group_changes.apply(actor, [RemoveGroup(group=firm.sales.id)])
    assert names(Group) == ["Support"]


def test_a_group_that_gives_access_needs_manage_users_too_and_says_who_loses_sight_of_what(firm):
    with writing() as db:
        make.grant(db, firm.seer, firm.sales)
    change = [RemoveGroup(group=firm.sales.id)]
    assert refusal_of(firm.writer, *change) == "gives_access"
    seen = group_changes.preview(firm.actor, change)
    assert [(s.user, s.gains, s.what, s.month) for s in seen.sight] == [("seer", False, "10023", NOVEMBER)]
    done = group_changes.apply(firm.actor, change)
    assert all_of(AccessGrant) == []
    (entry,) = all_of(AuditEntry, action="user_access_changed")
    assert (entry.object_id, entry.before, entry.after) == (
        firm.seer.id,
        {"access": ["Avdelning:Sälj"]},
        {"access": []},
    )
    # Giving it back gives access too.
    with pytest.raises(Refused, match="gives_access"):
        group_undo.undo(firm.writer, done.writes)
    back = group_undo.preview(firm.actor, done.writes)
    assert [(s.user, s.gains, s.what) for s in back.sight] == [("seer", True, "10023")]
    group_undo.undo(firm.actor, done.writes, back.fingerprint)
    (given,) = all_of(AccessGrant)
    assert given.group_id == next(g.id for g in all_of(Group) if g.name == "Sälj")


def test_nobody_changes_a_group_that_gives_themself_access(firm):
    actor = partial(firm, [P.GROUPS_WRITE, P.MANAGE_USERS])
    with writing() as db:
        make.grant(db, firm.seer.__class__(id=actor.user_id, company_id=firm.company.id), firm.sales)
    assert refusal_of(actor, RemoveGroup(group=firm.sales.id)) == "gives_own_access"


def test_another_companys_groups_do_not_exist(firm):
    for change in (
        RemoveGroup(group=firm.sales.id),
        ChangeGroup(group=firm.sales.id, name="X"),
        AddGroup(category=firm.sales.category_id, name="X"),
        EndCategory(category=firm.sales.category_id, month=NOVEMBER),
    ):
        with pytest.raises(NotFound):
            group_changes.apply(firm.foreign_actor, [change])
    done = group_changes.apply(firm.actor, [ChangeGroup(group=firm.sales.id, name="Försäljning")])
    with pytest.raises(Refused, match="undo_changed"):
        group_undo.undo(firm.foreign_actor, done.writes)


# --- Undoing


def test_undo_refuses_what_has_changed_or_been_hung_on_since(firm):
    done = group_changes.apply(firm.actor, [Put(category="Kontor", group="Gävle")])
    with writing() as db:
        gavle = db.exec(select(Group).where(Group.name == "Gävle")).one()
        make.member(db, gavle, firm.number, NOVEMBER)
    with pytest.raises(Refused, match="undo_hung_on"):
        group_undo.undo(firm.actor, done.writes)
    done = group_changes.apply(firm.actor, [ChangeGroup(group=firm.sales.id, name="Försäljning")])
    group_changes.apply(firm.actor, [ChangeGroup(group=firm.sales.id, description="Ute")])
    with pytest.raises(Refused, match="undo_changed"):
        group_undo.undo(firm.actor, done.writes)
    done = group_changes.apply(firm.actor, [RemoveGroup(group=firm.sales.id)])
    group_changes.apply(firm.actor, [AddGroup(category="Avdelning", name="försäljning")])
    with pytest.raises(Refused, match="undo_name"):
        group_undo.undo(firm.actor, done.writes)
