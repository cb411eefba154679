"""The demo companies as plain facts. Nobody and nothing here exists; months are counted from the present one."""

from __future__ import annotations

from dataclasses import dataclass

from selfcare_app.specs.permissions import Permission, Role
from selfcare_app.specs.products import CustomerNumberType, Product, ServiceType, SlaLevel


@dataclass(frozen=True)
class Agreement:
    """A framework agreement."""

    number: str
    products: tuple[Product, ...]
    first_month: int
    last_month: int | None = None


@dataclass(frozen=True)
class Place:
    """A customer number."""

    number: str
    name: str
    type: CustomerNumberType
    opened_month: int
    share: int = 0
    """How many of the company's subscriptions it draws, compared with the others."""
    closed_month: int | None = None


@dataclass(frozen=True)
class Site:
    """A connection."""

    place: str
    """The customer number it is billed on."""
    city: str
    address: str
    service: ServiceType
    capacity: str
    sla: SlaLevel
    opened_month: int
    ended_month: int | None = None


@dataclass(frozen=True)
class Contact:
    """Whom to ask at the connections in some cities; none named: in all others."""

    email: str
    name: str
    phone: str
    cities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stay:
    """A customer number in a group."""

    number: str
    category: str
    group: str
    start: int
    end: int | None = None


@dataclass(frozen=True)
class Person:
    """A user of the company."""

    email: str
    name: str
    role: Role
    phone: str = ""
    permissions: tuple[Permission, ...] = ()
    only: tuple[str, ...] = ()
    """The customer numbers they see; empty: all."""
    invited: bool = False
    """Has not finished registration."""


@dataclass(frozen=True)
class DemoCompany:
    """A company with all that is fed and made for it."""

    name: str
    organisation_number: str
    address: str
    email: str
    agreements: tuple[Agreement, ...]
    places: tuple[Place, ...]
    groups: dict[str, tuple[str, ...]]
    """Groups by category."""
    stays: tuple[Stay, ...]
    people: tuple[Person, ...]
    chains: dict[Product, tuple[str, ...]]
    """Who approves orders, by their addresses, the first one first."""
    sites: tuple[Site, ...]
    contacts: tuple[Contact, ...]
    credited: tuple[str, int, str]
    """Customer number and billed month, counted from 0, of the invoice that is credited, and why."""
    part_paid: str
    """The customer number whose latest invoice is paid in part."""
    first_subscription: int
    first_connection: int
    first_invoice: int
    """The number of the first customer number's first invoice."""
    mobile_numbers: tuple[str, ...]
    fixed_numbers: tuple[str, ...]


def _mobile(last_two_digits: int) -> str:
    """070-174 06 05 to 070-174 06 99 are reserved for fiction; 99 is the demo operator's customer service."""
    return f"070-174 06 {last_two_digits:02}"


_MOBILE, _FIXED, _DATA, _MIXED = CustomerNumberType
_INTERNET, _VPN, _SIP, _WIFI = ServiceType
_BASIC, _PLUS, _PREMIUM = SlaLevel
_READ_AND_REPORT = (
    Permission.CUSTOMER_NUMBERS_READ,
    Permission.SUBSCRIPTIONS_READ,
    Permission.GROUPS_READ,
    Permission.CREATE_CASE,
    Permission.CREATE_FAULT,
)

BJORKO = DemoCompany(
    name="Björkö Bygg AB",
    organisation_number="559998-0017",
    address="Varvsgatan 4, 117 33 Stockholm",
    email="kontoret@bjorko.example",
    agreements=(
        Agreement("RA-1007", (Product.MOBILE, Product.FIXED), -22, 13),
        Agreement("RA-1012", (Product.DATA,), -10, 1),
    ),
    places=(
        Place("10019", "Norrtälje", _MOBILE, -84, closed_month=-16),
        Place("10023", "Huvudkontor", _MIXED, -96, 26),
        Place("10024", "Mark", _MOBILE, -72, 27),
        Place("10027", "Service", _MOBILE, -60, 30),
        Place("10031", "Gävle", _MIXED, -40, 22),
        Place("10035", "Växel", _FIXED, -48, 20),
        Place("10038", "Förbindelser", _DATA, -30),
    ),
    groups={
        "Avdelning": ("Ekonomi", "Produktion", "Mark och anläggning", "Service"),
        "Projekt": ("Kvarnholmen", "Gävle hamn"),
        "Region": ("Mitt", "Syd"),
    },
    stays=(
        Stay("10019", "Avdelning", "Produktion", -60, -17),
        Stay("10023", "Avdelning", "Ekonomi", -36),
        Stay("10024", "Avdelning", "Produktion", -30, -7),
        Stay("10024", "Avdelning", "Mark och anläggning", -6),
        Stay("10024", "Projekt", "Kvarnholmen", -9, 5),
        Stay("10027", "Avdelning", "Service", -24),
        Stay("10027", "Region", "Mitt", -24, 1),
        Stay("10027", "Region", "Syd", 2),
        Stay("10031", "Region", "Mitt", -20),
        Stay("10031", "Projekt", "Gävle hamn", -12, 3),
        Stay("10035", "Avdelning", "Ekonomi", 3),
    ),
    people=(
        Person("superuser@bjorko.example", "Anna Lindberg", Role.SUPERUSER, _mobile(85)),
        Person("superuser2@bjorko.example", "Omar Haddad", Role.SUPERUSER, _mobile(86)),
        Person("admin@bjorko.example", "Karin Dahl", Role.ADMINISTRATOR, _mobile(87)),
        Person("orderer@bjorko.example", "Jonas Ek", Role.ORDERER, _mobile(88)),
        Person("approver1@bjorko.example", "Maria Holm", Role.APPROVER, _mobile(89)),
        Person("approver2@bjorko.example", "Per-Olof Åkesson", Role.APPROVER, _mobile(90)),
        Person("finance@bjorko.example", "Ulla Nyberg", Role.FINANCE, _mobile(91)),
        Person("reader@bjorko.example", "Erik Ström", Role.READER),
        Person(
            "partial@bjorko.example", "Sara Öberg", Role.CUSTOM, permissions=_READ_AND_REPORT, only=("10024", "10027")
        ),
        Person("invited@bjorko.example", "Leila Rahimi", Role.READER, invited=True),
        Person("both@konsult.example", "Tomas Wiklund", Role.ORDERER, _mobile(92)),
    ),
    chains={
        Product.MOBILE: ("approver1@bjorko.example",),
        Product.FIXED: ("approver1@bjorko.example", "approver2@bjorko.example"),
        Product.DATA: ("approver2@bjorko.example", "approver1@bjorko.example", "superuser@bjorko.example"),
    },
    sites=(
        Site("10023", "Stockholm", "Björkövägen 4", _INTERNET, "500/500", _PREMIUM, -52),
        Site("10038", "Stockholm", "Björkövägen 4", _VPN, "250/250", _PREMIUM, -30),
        Site("10038", "Stockholm", "Björkövägen 4", _WIFI, "12 accesspunkter", _PLUS, -26),
        Site("10035", "Stockholm", "Björkövägen 4", _SIP, "60 kanaler", _PREMIUM, -47),
        Site("10038", "Stockholm", "Kvarnholmsvägen 21", _INTERNET, "250/250", _PLUS, -9),
        Site("10031", "Gävle", "Hamngatan 12", _INTERNET, "250/250", _PLUS, -38),
        Site("10031", "Gävle", "Hamngatan 12", _WIFI, "6 accesspunkter", _BASIC, -20),
        Site("10031", "Gävle", "Hamngatan 12", _SIP, "30 kanaler", _PLUS, -38),
        Site("10038", "Sandviken", "Bruksgatan 3", _INTERNET, "100/100", _BASIC, -28),
        Site("10038", "Norrtälje", "Kajgatan 8", _INTERNET, "100/100", _BASIC, -29, -3),
        Site("10038", "Uppsala", "Kungsängstorget 5", _INTERNET, "250/250", _PLUS, -27),
        Site("10038", "Uppsala", "Kungsängstorget 5", _VPN, "100/100", _PLUS, -27),
        Site("10038", "Västerås", "Kopparbergsvägen 14", _INTERNET, "100/100", _BASIC, -24),
        Site("10038", "Västerås", "Kopparbergsvägen 14", _VPN, "100/100", _PLUS, -11),
        Site("10038", "Örebro", "Rudbecksgatan 9", _INTERNET, "100/100", _BASIC, -22),
        Site("10038", "Sundsvall", "Storgatan 30", _INTERNET, "100/100", _BASIC, 1),
        Site("10038", "Umeå", "Rådhusesplanaden 2", _INTERNET, "250/250", _PLUS, -18),
        Site("10038", "Umeå", "Rådhusesplanaden 2", _VPN, "100/100", _PLUS, -18),
    ),
    contacts=(
        Contact("drift@bjorko.example", "Driftjouren", "08-465 004 40"),
        Contact("gunnar.hedman@bjorko.example", "Gunnar Hedman", "08-465 004 41", ("Gävle", "Sandviken")),
        Contact("elin.sjogren@bjorko.example", "Elin Sjögren", "08-465 004 42", ("Uppsala", "Västerås", "Örebro")),
        Contact("nils.norling@bjorko.example", "Nils Norling", "08-465 004 43", ("Umeå", "Sundsvall")),
        Contact("petra.ahlm@bjorko.example", "Petra Ahlm", "08-465 004 44", ("Stockholm", "Norrtälje")),
    ),
    credited=("10035", 8, "Ersättning för driftavbrott i växeln"),
    part_paid="10031",
    first_subscription=710001,
    first_connection=510001,
    first_invoice=80003865,
    mobile_numbers=tuple(_mobile(n) for n in range(5, 85, 2)),
    fixed_numbers=tuple(f"08-465 004 {n:02}" for n in range(10, 34)),
)

SJOVIK = DemoCompany(
    name="Sjövik Vård AB",
    organisation_number="559998-0413",
    address="Strandvägen 12, 414 51 Göteborg",
    email="kansli@sjovik.example",
    agreements=(
        Agreement("RA-2003", (Product.MOBILE,), -16, 19),
        Agreement("RA-2004", (Product.FIXED, Product.DATA), -16),
    ),
    places=(
        Place("20409", "Rehab Öster", _MOBILE, -70, closed_month=-9),
        Place("20411", "Kansli", _MIXED, -90, 25),
        Place("20412", "Hemtjänst Norr", _MOBILE, -66, 30),
        Place("20415", "Hemtjänst Syd", _MOBILE, -66, 28),
        Place("20418", "Lindgården", _MIXED, -36, 24),
        Place("20421", "Larmväxel", _FIXED, -44, 20),
        Place("20424", "Datanät boenden", _DATA, -28),
    ),
    groups={
        "Verksamhet": ("Administration", "Hemtjänst", "Särskilt boende", "Rehabilitering"),
        "Satsning": ("Trygghetslarm", "Ny journal"),
        "Område": ("Norr", "Söder"),
    },
    stays=(
        Stay("20409", "Verksamhet", "Rehabilitering", -50, -10),
        Stay("20411", "Verksamhet", "Administration", -36),
        Stay("20412", "Verksamhet", "Hemtjänst", -30),
        Stay("20412", "Område", "Norr", -30),
        Stay("20415", "Verksamhet", "Hemtjänst", -30),
        Stay("20415", "Område", "Norr", -30, -11),
        Stay("20415", "Område", "Söder", -10),
        Stay("20418", "Verksamhet", "Särskilt boende", -20),
        Stay("20418", "Satsning", "Trygghetslarm", -8, 4),
        Stay("20421", "Satsning", "Ny journal", 2),
    ),
    people=(
        Person("superuser@sjovik.example", "Ingrid Sandell", Role.SUPERUSER, _mobile(93)),
        Person("both@konsult.example", "Tomas Wiklund", Role.READER, _mobile(92)),
    ),
    chains={Product.DATA: ("superuser@sjovik.example",)},
    sites=(
        Site("20411", "Göteborg", "Strandvägen 12", _INTERNET, "1000/1000", _PREMIUM, -60),
        Site("20424", "Göteborg", "Strandvägen 12", _WIFI, "12 accesspunkter", _PLUS, -24),
        Site("20421", "Göteborg", "Strandvägen 12", _SIP, "60 kanaler", _PREMIUM, -43),
        Site("20424", "Göteborg", "Lindholmspiren 7", _INTERNET, "250/250", _PLUS, -8),
        Site("20418", "Mölndal", "Lindgårdsvägen 2", _INTERNET, "500/500", _PREMIUM, -35),
        Site("20418", "Mölndal", "Lindgårdsvägen 2", _WIFI, "12 accesspunkter", _PLUS, -35),
        Site("20418", "Mölndal", "Lindgårdsvägen 2", _SIP, "30 kanaler", _PLUS, -30),
        Site("20424", "Kungsbacka", "Södra Torggatan 6", _INTERNET, "250/250", _PLUS, -27),
        Site("20424", "Kungsbacka", "Södra Torggatan 6", _VPN, "100/100", _PLUS, -27),
        Site("20424", "Borås", "Allégatan 41", _INTERNET, "250/250", _PLUS, -25),
        Site("20424", "Borås", "Allégatan 41", _WIFI, "6 accesspunkter", _BASIC, -12),
        Site("20424", "Trollhättan", "Drottninggatan 18", _INTERNET, "100/100", _BASIC, -22),
        Site("20424", "Uddevalla", "Norra Hamngatan 3", _INTERNET, "100/100", _BASIC, -26, -2),
        Site("20424", "Varberg", "Kungsgatan 27", _INTERNET, "100/100", _BASIC, -20),
        Site("20424", "Varberg", "Kungsgatan 27", _VPN, "100/100", _PLUS, -20),
        Site("20424", "Skövde", "Hertig Johans gata 9", _INTERNET, "100/100", _BASIC, -15),
        Site("20424", "Alingsås", "Kungsgatan 44", _INTERNET, "100/100", _BASIC, -10),
        Site("20424", "Alingsås", "Kungsgatan 44", _WIFI, "6 accesspunkter", _BASIC, 1),
    ),
    contacts=(
        Contact("it@sjovik.example", "IT-jouren", "031-390 06 40"),
        Contact("ulla.falk@sjovik.example", "Ulla Falk", "031-390 06 41", ("Göteborg", "Mölndal")),
        Contact("hassan.lund@sjovik.example", "Hassan Lund", "031-390 06 42", ("Borås", "Skövde", "Alingsås")),
        Contact("malin.berg@sjovik.example", "Malin Berg", "031-390 06 43", ("Kungsbacka", "Varberg")),
    ),
    credited=("20421", 7, "Ersättning för försenad leverans av larmväxeln"),
    part_paid="20418",
    first_subscription=720001,
    first_connection=520001,
    first_invoice=80003885,
    mobile_numbers=tuple(_mobile(n) for n in range(6, 86, 2)),
    fixed_numbers=tuple(f"031-390 06 {n:02}" for n in range(10, 34)),
)

COMPANIES = (BJORKO, SJOVIK)
STAFF = ("staff@exempelnat.example", "Ellen Kvist")

_FIRST_NAMES = """
    Åsa Omar Erik Maria Jonas Sara Mikael Lina Ahmed Karin Per-Olof Tomas Fatima Johan Petra Nils Emma Hassan Ulla
    Viktor Ida Rasmus Leila Gustav Ingrid Anders Malin Yusuf Elin Björn
"""
_LAST_NAMES = """
    Lindström Haddad Berg Holm Ek Nyberg Öberg Ström Nasser Dahl Åkesson Wiklund Ali Grönlund Sandell Forsberg Björk
    Karimi Ahlm Norling Åberg Rahimi Hedman Sjögren Lund Östlund Vikström Falk
"""
FIRST_NAMES, LAST_NAMES = tuple(_FIRST_NAMES.split()), tuple(_LAST_NAMES.split())
