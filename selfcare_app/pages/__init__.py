"""Every page of the app. A page module ends with its PAGE."""

from selfcare_app.pages import (
    company_profile,
    connection,
    customer_number,
    customer_numbers,
    not_found,
    overview,
    profile,
    sign_in_again,
    subscription,
)
from selfcare_app.pages.page import Page

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    customer_numbers.PAGE,
    customer_number.PAGE,
    subscription.PAGE,
    connection.PAGE,
    profile.PAGE,
    company_profile.PAGE,
    not_found.PAGE,
    sign_in_again.PAGE,
)
