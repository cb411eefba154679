"""Codes of the standards that the rules ask for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
"""What every document of Peppol BIS Billing 3.0 says it is; national additions may follow."""


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


# UNCL1001 as EN 16931 has it (BR-CL-01).
INVOICE_TYPES = _codes(
    "71 80 81 82 84 102 130 202 203 204 211 218 219 295 325 326 331 380 382 383 384 385 386 387 388 389 390 393 394 "
    "395 456 457 471 472 473 500 501 502 503 527 553 575 623 633 751 780 817 870 875 876 877 935"
)
CREDIT_NOTE_TYPES = _codes("81 83 261 262 296 308 381 396 420 458 532")

# ISO 3166-1, and what VAT numbers have besides: Greece, Northern Ireland, Kosovo (BR-CO-09).
VAT_PREFIXES = _codes(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW EL XI 1A"
)

CREDIT_TRANSFERS = ("30", "58")
"""UNCL4461: credit transfer, SEPA credit transfer."""


@dataclass(frozen=True, slots=True)
class VatCategory:
    """What EN 16931 asks of a VAT category (UNCL5305)."""

    rules: str
    """How its rules are named: BR-<rules>-01 …"""
    rated: bool = False
    """Whether VAT is charged, by rate. All others have one sum for the document, and no VAT."""
    zero_allowed: bool = False
    """Of a rated one: whether its rate may be 0."""
    has_rate: bool = True
    """Whether a rate is given at all."""
    reason: bool = False
    """Whether the reason for charging no VAT must be given; else it must not."""
    tolerance: Decimal = Decimal(0)
    """How much less than this its taxable amount may differ from what lines, allowances and charges come to."""


ONE = Decimal(1)
VAT_CATEGORIES = {
    "S": VatCategory("S", rated=True, tolerance=ONE),
    "Z": VatCategory("Z"),
    "E": VatCategory("E", reason=True),
    "AE": VatCategory("AE", reason=True),
    "K": VatCategory("IC", reason=True),
    "G": VatCategory("G", reason=True),
    "O": VatCategory("O", has_rate=False, reason=True),
    "L": VatCategory("AF", rated=True, zero_allowed=True, tolerance=ONE),
    "M": VatCategory("AG", rated=True, zero_allowed=True, tolerance=ONE),
}
"""Standard, zero rated, exempt, reverse charge, within the Union, export, outside VAT, Canary Islands, Ceuta and
Melilla. B, the Italian split payment, is for Italian sellers only (BR-B-01)."""
