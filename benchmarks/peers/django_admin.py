"""Django admin's list page: database, company, page, runs -> p50 and p95.

A project of one file over the portal's own tables, as `inspectdb` would write its models; what Django needs for itself
is in memory. Rows are narrowed to one company, the page shows fifty, as in the portal.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import django
from asking import timed
from django.apps import AppConfig
from django.conf import settings

file, company, page, runs = sys.argv[1:]
settings.configure(
    SECRET_KEY="benchmark",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["testserver"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
        "portal": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"file:{file}?mode=ro", "OPTIONS": {"uri": True}},
    },
    DATABASE_ROUTERS=[f"{__name__}.Router"],
    INSTALLED_APPS=[
        *(f"django.contrib.{app}" for app in ("admin", "auth", "contenttypes", "messages", "sessions")),
        f"{__name__}.Portal",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    STATIC_URL="/static/",
    USE_TZ=True,
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)


class Portal(AppConfig):
    """This file."""

    name, label, path = __name__, "portal", str(Path(__file__).parent)


class Router:
    """The portal's tables are in the portal's database, Django's own in memory."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        """Which database has the model's rows."""
        return "portal" if model._meta.app_label == "portal" else "default"


django.setup()

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import path


class CustomerNumber(models.Model):
    """customer_number"""

    company_id = models.IntegerField()
    number = models.TextField()
    number_sort = models.TextField()
    name = models.TextField()
    name_sort = models.TextField()
    type = models.TextField(choices=[(kind, kind) for kind in ("mobile", "fixed", "data", "mixed")])
    opened = models.DateField()
    closed = models.DateField(null=True)

    class Meta:
        """Nothing is made."""

        app_label, managed, db_table = "portal", False, "customer_number"

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class PricePlan(models.Model):
    """price_plan"""

    name = models.TextField()

    class Meta:
        """Nothing is made."""

        app_label, managed, db_table = "portal", False, "price_plan"

    def __str__(self) -> str:
        return self.name


KINDS = ("mobile", "broadband", "m2m", "fixed", "extension")


class Subscription(models.Model):
    """subscription"""

    company_id = models.IntegerField()
    number = models.TextField()
    customer_number = models.ForeignKey(CustomerNumber, models.DO_NOTHING)
    type = models.TextField(choices=[(kind, kind) for kind in KINDS])
    phone = models.TextField()
    label = models.TextField()
    label_sort = models.TextField()
    person = models.TextField()
    person_sort = models.TextField()
    price_plan = models.ForeignKey(PricePlan, models.DO_NOTHING, null=True)
    opened = models.DateField()
    ended = models.DateField(null=True)

    class Meta:
        """Nothing is made."""

        app_label, managed, db_table = "portal", False, "subscription"


class OfCompany(admin.ModelAdmin):
    """A list of one company's rows."""

    list_per_page = 50
    list_filter = ("type",)

    def get_queryset(self, request: Any) -> Any:
        """The company's."""
        return super().get_queryset(request).filter(company_id=int(company))


class Subscriptions(OfCompany):
    """As the portal's list: the same columns, found by the same texts."""

    list_display = ("label", "by_person", "customer_number", "type", "price_plan", "opened", "ended")
    list_select_related = ("customer_number", "price_plan")
    search_fields = ("number", "phone", "label", "person")
    ordering = ("label_sort", "id")

    @admin.display(ordering="person_sort")
    def by_person(self, row: Subscription) -> str:
        """In Swedish order."""
        return row.person


class CustomerNumbers(OfCompany):
    """As the portal's list."""

    list_display = ("number", "by_name", "type", "opened", "closed")
    search_fields = ("number", "name")
    ordering = ("number_sort", "id")

    @admin.display(ordering="name_sort")
    def by_name(self, row: CustomerNumber) -> str:
        """In Swedish order."""
        return row.name


admin.site.register(Subscription, Subscriptions)
admin.site.register(CustomerNumber, CustomerNumbers)
urlpatterns = [path("admin/", admin.site.urls)]
call_command("migrate", verbosity=0)
client = Client()
client.force_login(User.objects.create_superuser("measure", "measure@bench.example", "measure"))
table, _, query = page.partition("?")


def ask() -> None:
    """One page, as a browser gets it."""
    answer = client.get(f"/admin/portal/{table.replace('_', '')}/?{query}")
    assert answer.status_code == 200, answer
    assert b'class="field-' in answer.content, "an empty page is nothing to measure by"


timed(ask, int(runs))
