"""What generated companies, places and people are called, and the numbers they get: none is taken from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from stdnum import luhn

from selfcare_app.services.demo.content import FIRST_NAMES, LAST_NAMES

_TOWNS = """
    Alingsås Arvika Avesta Boden Bollnäs Borås Eksjö Enköping Eslöv Falun Gävle Hudiksvall Härnösand Höör Jönköping
    Kalmar Karlskrona Kiruna Kumla Köping Laholm Linköping Luleå Lysekil Malmö Mariestad Mjölby Mora Nässjö Örebro
    Östersund Oskarshamn Piteå Sala Skövde Söderhamn Sölvesborg Tranås Trosa Uddevalla Umeå Varberg Vetlanda Visby
    Västerås Växjö Ystad Åmål Ängelholm Öregrund
"""
_TRADES = """
    Bygg Vård Transport Energi Livs Mekaniska Åkeri Skog Fastigheter Städ Måleri Elektriska Redovisning Plåt Omsorg
    Järn Hamn Trädgård Återvinning Möbler
"""
_SITES = """
    Huvudkontor Lager Verkstad Depå Kontor Butik Fabrik Terminal Skola Äldreboende Mottagning Växel Service Projekt
    Åkeri Östra Västra Norra Södra
"""
_STREETS = "Kungsgatan Storgatan Hamngatan Järnvägsgatan Skolgatan Ängsvägen Åsgatan Östergatan Industrivägen"
TOWNS, TRADES, SITES, STREETS = (tuple(words.split()) for words in (_TOWNS, _TRADES, _SITES, _STREETS))

SEEDS = 900
COMPANIES = 999
"""Most companies of one run; with the seed they make the keys."""
CUSTOMER_NUMBERS, SUBSCRIPTIONS = 999_999, 9_999_999
"""Most of one company."""
_MOBILE_AREAS = ("70", "72", "73", "76", "79")
_IN_AN_AREA = 10_000_000
_FIXED_FROM, _FIXED = 10_000_000, 80_000_000
"""Numbers of eight digits within the area 08."""
_SCATTER = 7_654_321
"""Has no divisor in common with how many numbers there are: so each comes once, far from the one before."""
_APART = 100_000
"""How far the phone numbers of one seed begin after those of the one before."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The numbers of one company: the seed and the company's place stand in each, so no two runs share any."""

    seed: int
    place: int
    """1 is the first company of the run."""

    @property
    def start(self) -> str:
        """What every number begins with."""
        return f"{self.seed}{self.place:03}"

    @property
    def organisation_number(self) -> str:
        """Ten digits with the right check digit."""
        digits = f"55{2_000_000 + self.seed * 1000 + self.place}"
        return digits + str(luhn.calc_check_digit(digits))

    @property
    def domain(self) -> str:
        """Of e-mail addresses: .example is reserved for what doesn't exist."""
        return f"bolag{self.seed}-{self.place}.example"

    def customer_number(self, at: int) -> str:
        """The at-th customer number, from 0."""
        return f"{self.start}{at:06}"

    def subscription(self, at: int) -> str:
        """The at-th subscription id."""
        return f"S{self.start}{at:07}"

    def connection(self, at: int) -> str:
        """The at-th connection id."""
        return f"F{self.start}{at:06}"

    def invoice(self, at: int) -> str:
        """The at-th invoice number."""
        return f"{self.start}{at:08}"


def company_name(chance: Random) -> str:
    """Such as Ängelholms Åkeri AB."""
    town = chance.choice(TOWNS)
    return f"{town}{'' if town.endswith('s') else 's'} {chance.choice(TRADES)} AB"


def person(chance: Random) -> str:
    """First and last name."""
    return f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"


def site(chance: Random) -> str:
    """What a customer number is called."""
    return f"{chance.choice(SITES)} {chance.choice(TOWNS)} {chance.randrange(1, 1000)}"


def address(chance: Random) -> str:
    """A street and a number."""
    return f"{chance.choice(STREETS)} {chance.randrange(1, 120)}"


def mobile_number(seed: int, at: int) -> str:
    """The at-th of the seed, E.164; no two of a run are the same."""
    place = (seed * _APART + at) % (_IN_AN_AREA * len(_MOBILE_AREAS)) * _SCATTER
    area, rest = divmod(place % (_IN_AN_AREA * len(_MOBILE_AREAS)), _IN_AN_AREA)
    return f"+46{_MOBILE_AREAS[area]}{rest:07}"


def fixed_number(seed: int, at: int) -> str:
    """The same with a number of Stockholm."""
    return f"+468{_FIXED_FROM + (seed * _APART + at) % _FIXED * _SCATTER % _FIXED}"
