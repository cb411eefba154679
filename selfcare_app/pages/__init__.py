"""Every page of the app. A page module ends with its PAGE, or with a tuple of them."""

from selfcare_app.pages import (
    audit_entry,
    company_profile,
    connection,
    customer_number,
    group,
    group_memberships,
    groups,
    invoice,
    lists,
    not_found,
    overview,
    profile,
    sign_in_again,
    subscription,
    uploads,
    user,
    user_new,
)
from selfcare_app.pages.page import Page

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    *lists.LISTS,
    customer_number.PAGE,
    subscription.PAGE,
    connection.PAGE,
    invoice.PAGE,
    user_new.PAGE,
    user.PAGE,
    groups.PAGE,
    group.PAGE,
    *group_memberships.PAGES,
    audit_entry.PAGE,
    profile.PAGE,
    company_profile.PAGE,
    *uploads.PAGES,
    not_found.PAGE,
    sign_in_again.PAGE,
)
