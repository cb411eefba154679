"""What the demo's operator sells: price plans, add-ons, and prices of traffic that isn't included."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from selfcare_app.specs.products import Product, ServiceType, SubscriptionType

FREE = Decimal(0)


@dataclass(frozen=True)
class Seller:
    """The operator as its invoices name it. It doesn't exist; the numbers only pass their checks."""

    name: str = "Exempelnät AB"
    organisation_number: str = "5599981007"
    vat_number: str = "SE559998100701"
    street: str = "Exempelgatan 1"
    postal_code: str = "111 20"
    city: str = "Stockholm"
    bankgiro: str = "9912346"
    phone: str = "070-174 06 99"
    email: str = "faktura@exempelnat.example"


SELLER = Seller()


@dataclass(frozen=True)
class Plan:
    """A price plan. Traffic is priced within Sweden; zero: included in the fee."""

    code: str
    name: str
    product: Product
    monthly: Decimal
    type: SubscriptionType | None = None
    """The subscriptions that can have it; None: it is for connections."""
    one_off: Decimal = FREE
    binding: int = 0
    notice: int = 1
    share: int = 1
    """How often it is chosen, compared with the others of its type."""
    sold_from_month: int = -132
    sold_to_month: int | None = None
    minute: Decimal = FREE
    message: Decimal = FREE
    megabyte: Decimal = FREE
    """For what exceeds the allowance."""


@dataclass(frozen=True)
class Extra:
    """An add-on."""

    code: str
    name: str
    monthly: Decimal
    types: frozenset[SubscriptionType] = frozenset()
    """The subscriptions that can have it; none: it is for connections."""


_MOBILE, _BROADBAND, _M2M, _FIXED, _EXTENSION = SubscriptionType

PLANS = (
    Plan(
        "MOB-S",
        "Företag S",
        Product.MOBILE,
        Decimal(149),
        _MOBILE,
        share=3,
        minute=Decimal("0.49"),
        message=Decimal("0.49"),
        megabyte=Decimal("0.05"),
    ),
    Plan("MOB-M", "Företag M", Product.MOBILE, Decimal(229), _MOBILE, binding=12, share=5, megabyte=Decimal("0.05")),
    Plan("MOB-L", "Företag L", Product.MOBILE, Decimal(329), _MOBILE, binding=24, notice=3, share=4),
    Plan("MOB-OB", "Företag Obegränsad", Product.MOBILE, Decimal(449), _MOBILE, binding=24, notice=3, share=3),
    Plan(
        "MOB-BAS",
        "Företag Bas",
        Product.MOBILE,
        Decimal(119),
        _MOBILE,
        sold_to_month=-30,
        minute=Decimal("0.69"),
        message=Decimal("0.69"),
        megabyte=Decimal("0.09"),
    ),
    Plan(
        "MBB-100",
        "Mobilt bredband 100",
        Product.MOBILE,
        Decimal(199),
        _BROADBAND,
        binding=24,
        notice=3,
        share=3,
        megabyte=Decimal("0.01"),
    ),
    Plan("MBB-OB", "Mobilt bredband Obegränsat", Product.MOBILE, Decimal(329), _BROADBAND, binding=24, notice=3),
    Plan("M2M-BAS", "M2M Bas", Product.MOBILE, Decimal(39), _M2M, binding=36, notice=3, megabyte=Decimal("0.90")),
    Plan(
        "FAST-BAS",
        "Fast telefoni",
        Product.FIXED,
        Decimal(169),
        _FIXED,
        one_off=Decimal(495),
        notice=3,
        minute=Decimal("0.25"),
    ),
    Plan("VX-BAS", "Växelanknytning Bas", Product.FIXED, Decimal(99), _EXTENSION, notice=3, minute=Decimal("0.19")),
    Plan("VX-PLUS", "Växelanknytning Plus", Product.FIXED, Decimal(149), _EXTENSION, notice=3),
    Plan("INT-100", "Internet 100/100", Product.DATA, Decimal(990), one_off=Decimal(4900), binding=36, notice=3),
    Plan("INT-250", "Internet 250/250", Product.DATA, Decimal(1490), one_off=Decimal(4900), binding=36, notice=3),
    Plan("INT-500", "Internet 500/500", Product.DATA, Decimal(2490), one_off=Decimal(4900), binding=36, notice=3),
    Plan("INT-1000", "Internet 1000/1000", Product.DATA, Decimal(3990), one_off=Decimal(9900), binding=36, notice=3),
    Plan("VPN-100", "IP-VPN 100/100", Product.DATA, Decimal(1790), one_off=Decimal(6900), binding=36, notice=3),
    Plan("VPN-250", "IP-VPN 250/250", Product.DATA, Decimal(2390), one_off=Decimal(6900), binding=36, notice=3),
    Plan("SIP-30", "SIP 30 kanaler", Product.FIXED, Decimal(890), one_off=Decimal(2500), binding=24, notice=3),
    Plan("SIP-60", "SIP 60 kanaler", Product.FIXED, Decimal(1490), one_off=Decimal(2500), binding=24, notice=3),
    Plan("WIFI-6", "WiFi 6 accesspunkter", Product.DATA, Decimal(690), one_off=Decimal(1900), binding=24, notice=3),
    Plan("WIFI-12", "WiFi 12 accesspunkter", Product.DATA, Decimal(1190), one_off=Decimal(1900), binding=24, notice=3),
)

EXTRAS = (
    Extra("TRYGG-SURF", "Trygg surf", Decimal(29), frozenset({_MOBILE, _BROADBAND})),
    Extra("SURF-10", "Extra surf 10 GB", Decimal(49), frozenset({_MOBILE})),
    Extra("DUBBEL-SIM", "Dubbla SIM", Decimal(49), frozenset({_MOBILE})),
    Extra("FAST-IP", "Fast IP-adress", Decimal(35), frozenset({_BROADBAND, _M2M})),
    Extra("SVARSGRUPP", "Svarsgrupp", Decimal(39), frozenset({_EXTENSION})),
    Extra("NR-VISNING", "Nummerpresentation", Decimal(15), frozenset({_FIXED})),
    Extra("BRANDVAGG", "Hanterad brandvägg", Decimal(450)),
    Extra("RESERV-4G", "Reservlänk över mobilnätet", Decimal(290)),
    Extra("IP-SERIE", "Fast IP-serie /29", Decimal(95)),
)

SERVICE_NAMES = {
    ServiceType.INTERNET: ("INT", "Internetanslutning"),
    ServiceType.IP_VPN: ("VPN", "IP-VPN-anslutning"),
    ServiceType.SIP: ("SIP", "SIP-anslutning"),
    ServiceType.WIFI: ("WIFI", "WiFi som tjänst"),
}
"""How the code of a connection's price plan begins, and what its invoice line is called."""

SIM_CARD = ("SIM-BYTE", "Nytt SIM-kort", Decimal(49))
"""Code, name and price of what is charged once."""
QUARTERLY_REBATE = ("95", "Kvartalsrabatt enligt ramavtal", Decimal("0.05"))
"""Code of UNCL5189, reason, and share of the fees."""
PAPER_SPECIFICATION = ("Specifikation på papper", Decimal(45))

CALLS_ABROAD = (
    ("Norge", "+47", Decimal("1.90")),
    ("Finland", "+358", Decimal("1.90")),
    ("Tyskland", "+49", Decimal("2.50")),
    ("Polen", "+48", Decimal("2.90")),
    ("Storbritannien", "+44", Decimal("2.90")),
)
"""Country, country code, and price a minute from Sweden."""
MESSAGE_ABROAD = Decimal("1.50")

ROAMING_INCLUDED = ("Norge", "Danmark", "Finland", "Tyskland", "Spanien")
ROAMING = (
    ("Schweiz", Decimal("9.90"), Decimal("1.90")),
    ("Turkiet", Decimal("14.90"), Decimal("4.90")),
    ("USA", Decimal("14.90"), Decimal("5.90")),
)
"""Country outside EU, price a minute and a megabyte there."""
