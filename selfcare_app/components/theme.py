"""The look as data: every raw colour and size of the portal, and the stylesheet and icon made from them.

`write_assets()` makes assets/theme.css (tokens, then the parts in components/styles) and assets/favicon.svg. An
operator's own colour (P5) replaces the accent, never a status colour, and only when it can be read.
"""

from __future__ import annotations

from pathlib import Path

from selfcare_app.config import PROJECT, Settings, SettingsError, settings

STYLES = Path(__file__).parent / "styles"
PARTS = ("base", "frame", "controls", "overlays", "panels", "tables", "choices", "gate", "narrow")
"""The stylesheet's parts in order: later ones may rely on earlier ones, `narrow` overrides them all."""

STYLESHEET = PROJECT / "assets" / "theme.css"
STYLESHEETS = (f"/{STYLESHEET.name}",)
"""What the app and the server's own pages load."""

FAVICON = PROJECT / "assets" / "favicon.svg"
FONT_LATIN = "/fonts/inter-latin-5.3.0.woff2"
FONT_LATIN_EXT = "/fonts/inter-latin-ext-5.3.0.woff2"

TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0
"""WCAG 2.2, 1.4.3 and 1.4.11."""

MEASURES: dict[str, str] = {
    "font": '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
    "mono": 'ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace',
    # Type: size and line height of each step.
    "fs-xs": "0.75rem",
    "lh-xs": "1rem",
    "fs-sm": "0.8125rem",
    "lh-sm": "1.25rem",
    "fs-md": "0.875rem",
    "lh-md": "1.25rem",
    "fs-lg": "1rem",
    "lh-lg": "1.5rem",
    "fs-xl": "1.25rem",
    "lh-xl": "1.75rem",
    "fs-2xl": "1.5rem",
    "lh-2xl": "2rem",
    "fs-3xl": "2rem",
    "lh-3xl": "2.5rem",
    "w-regular": "400",
    "w-medium": "500",
    "w-bold": "600",
    # Space: steps of 4 px.
    "s1": "0.25rem",
    "s2": "0.5rem",
    "s3": "0.75rem",
    "s4": "1rem",
    "s5": "1.25rem",
    "s6": "1.5rem",
    "s8": "2rem",
    "s10": "2.5rem",
    "s12": "3rem",
    "s16": "4rem",
    # Sizes.
    "control": "2.25rem",
    "control-sm": "1.75rem",
    "row": "2.5rem",
    "bar-h": "3.5rem",
    "page": "90rem",
    "page-narrow": "76rem",
    "icon": "1rem",
    # Corners.
    "r-sm": "4px",
    "r-md": "6px",
    "r-lg": "10px",
    "r-full": "999px",
    # Motion.
    "fast": "120ms",
    "slow": "200ms",
    "ease": "cubic-bezier(0.2, 0, 0, 1)",
}

LIGHT: dict[str, str] = {
    "canvas": "#F4F7F8",
    "surface": "#FFFFFF",
    "raised": "#FFFFFF",
    "sunken": "#ECF1F2",
    "hover": "#F1F7F8",
    "line": "#DBE2E4",
    "line-mid": "#C4CED0",
    "line-strong": "#808D90",
    "text": "#17252A",
    "text-2": "#445258",
    "text-3": "#59666B",
    "accent": "#025D6B",
    "accent-hover": "#004A56",
    "on-accent": "#FFFFFF",
    "accent-text": "#025D6B",
    "accent-soft": "#E6F2F4",
    "accent-line": "#A2D1D8",
    "selected": "#E9F5F6",
    "bar": "#5696A0",
    "focus": "#025D6B",
    "inverse": "#102C33",
    "on-inverse": "#F2F8F9",
    "inverse-2": "#A2BDC3",
    "inverse-line": "#33535B",
    "danger": "#AE2E2A",
    "danger-soft": "#FFECEA",
    "danger-line": "#FBB6B3",
    "warning": "#7D4F12",
    "warning-soft": "#FFF1D5",
    "warning-line": "#E8C17A",
    "success": "#24673C",
    "success-soft": "#E2F7E8",
    "success-line": "#A1D7AE",
    "info": "#265C99",
    "info-soft": "#E9F2FE",
    "info-line": "#B0CDF2",
}

DARK: dict[str, str] = {
    "canvas": "#0F1415",
    "surface": "#161C1E",
    "raised": "#1E2628",
    "sunken": "#121819",
    "hover": "#1A2224",
    "line": "#272F32",
    "line-mid": "#364143",
    "line-strong": "#64787E",
    "text": "#E4EBED",
    "text-2": "#ACB8BB",
    "text-3": "#8F9CA0",
    "accent": "#60BBC7",
    "accent-hover": "#77CED9",
    "on-accent": "#02171C",
    "accent-text": "#77CED9",
    "accent-soft": "#103238",
    "accent-line": "#1F5961",
    "selected": "#152A2E",
    "bar": "#3E8089",
    "focus": "#77CED9",
    "inverse": "#1B3237",
    "on-inverse": "#EAF2F3",
    "inverse-2": "#9FBABF",
    "inverse-line": "#39555C",
    "danger": "#F79892",
    "danger-soft": "#3F201E",
    "danger-line": "#843C39",
    "warning": "#E8BD73",
    "warning-soft": "#3A2B12",
    "warning-line": "#725525",
    "success": "#81CF9D",
    "success-soft": "#193021",
    "success-line": "#2D5B3F",
    "info": "#93BFF0",
    "info-soft": "#1C2E43",
    "info-line": "#375A84",
}

SHADOWS_LIGHT: dict[str, str] = {
    "shadow-1": "0 1px 2px rgb(16 44 51 / 0.05)",
    "shadow-2": "0 4px 12px rgb(16 44 51 / 0.1), 0 1px 3px rgb(16 44 51 / 0.08)",
    "shadow-3": "0 16px 40px rgb(16 44 51 / 0.18), 0 2px 8px rgb(16 44 51 / 0.1)",
    "scrim": "rgb(11 24 28 / 0.45)",
}

SHADOWS_DARK: dict[str, str] = {
    "shadow-1": "none",
    "shadow-2": "0 4px 14px rgb(0 0 0 / 0.5), 0 0 0 1px #364143",
    "shadow-3": "0 18px 44px rgb(0 0 0 / 0.6), 0 0 0 1px #364143",
    "scrim": "rgb(0 0 0 / 0.6)",
}

_WHITE = "#FFFFFF"
_INK = "#0B1416"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance of a #RRGGBB colour, as WCAG defines it."""

    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two #RRGGBB colours, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, ground: str, share: float) -> str:
    """`share` of the colour on the ground, as #RRGGBB."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in pairs)


def _until(colour: str, towards: str, grounds: tuple[str, ...], ratio: float) -> str:
    """The colour, moved towards another only as far as the ratio on every ground asks for."""
    for step in range(21):
        moved = mix(towards, colour, step / 20)
        if all(contrast(moved, ground) >= ratio for ground in grounds):
            return moved
    return towards


def accent_tokens(accent: str, base: dict[str, str], setting: str) -> dict[str, str]:
    """All tokens that follow from an operator's colour on one ground.

    SettingsError when links or the primary button in that colour could not be read.
    """
    end = _INK if base is LIGHT else _WHITE
    soft = mix(accent, base["surface"], 0.1 if base is LIGHT else 0.2)
    selected = mix(accent, base["surface"], 0.08 if base is LIGHT else 0.14)
    grounds = (base["surface"], base["canvas"], base["sunken"], base["hover"], base["raised"])
    worst = min(contrast(accent, ground) for ground in grounds)
    on_accent = max((_WHITE, _INK), key=lambda colour: contrast(colour, accent))
    if worst < TEXT_CONTRAST or contrast(on_accent, accent) < TEXT_CONTRAST:
        direction = "darker" if base is LIGHT else "lighter"
        raise SettingsError(
            f"{setting}: {accent} reaches a contrast of {worst:.1f}:1 where {TEXT_CONTRAST}:1 is needed "
            f"to be read; choose a {direction} colour."
        )
    hover = mix(end, accent, 0.15)
    return {
        "accent": accent,
        "accent-hover": hover if contrast(on_accent, hover) >= TEXT_CONTRAST else accent,
        "on-accent": on_accent,
        "accent-text": _until(accent, end, (*grounds, soft, selected), TEXT_CONTRAST),
        "accent-soft": soft,
        "accent-line": mix(accent, base["surface"], 0.4),
        "selected": selected,
        "bar": _until(mix(accent, base["surface"], 0.65), accent, (base["surface"], base["raised"]), MARK_CONTRAST),
        "focus": accent,
    }


def palettes(of: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """Light and dark colours with the operator's own accent in them, when it has one.

    With a light accent alone the dark one is made from it. SettingsError for a colour that can't be read.
    """
    light, dark = dict(LIGHT), dict(DARK)
    if of.operator_accent:
        light |= accent_tokens(of.operator_accent, LIGHT, "SELFCARE_OPERATOR_ACCENT")
    if of.operator_accent_dark:
        dark |= accent_tokens(of.operator_accent_dark, DARK, "SELFCARE_OPERATOR_ACCENT_DARK")
    elif of.operator_accent:
        lighter = _until(of.operator_accent, _WHITE, (DARK["raised"], DARK["surface"]), TEXT_CONTRAST + 1)
        dark |= accent_tokens(lighter, DARK, "SELFCARE_OPERATOR_ACCENT")
    return light, dark


def _rule(selector: str, *groups: dict[str, str], scheme: str = "") -> str:
    lines = [f"  --{name}: {value};" for group in groups for name, value in group.items()]
    if scheme:
        lines.insert(0, f"  color-scheme: {scheme};")
    return "\n".join([f"{selector} {{", *lines, "}"])


def _face(address: str, letters: str) -> str:
    return (
        '@font-face { font-family: "Inter"; font-style: normal; font-weight: 100 900; font-display: swap; '
        f'src: url("{address}") format("woff2"); unicode-range: {letters}; }}'
    )


_LATIN = (
    "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, U+0308, U+0329, U+2000-206F, "
    "U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD"
)
_LATIN_EXT = (
    "U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+0304, U+0308, U+0329, U+1D00-1DBF, "
    "U+1E00-1E9F, U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF"
)

MARK_PATH = "M7.5 18.5V8.2l11 9.6V7.5"
MARK_DOTS = ((7.5, 18.5), (18.5, 7.5))
"""The portal's mark in a square of 26: a line with a dot at each end."""


def column_rules(columns: int = 14) -> str:
    """What a table's no-cN and yes-cN do to its cells: choosing columns changes one class and draws no row anew."""
    rules = []
    for n in range(1, columns + 1):
        rules.append(f".table.no-c{n} .c{n} {{ display: none; }}")
        rules.append(f"@media (min-width: 761px) {{ .table.yes-c{n} .c{n} {{ display: table-cell; }} }}")
    return "\n".join(rules)


def stylesheet(of: Settings) -> str:
    """The whole stylesheet of the portal."""
    light, dark = palettes(of)
    return (
        "\n\n".join(
            [
                "/* Made from selfcare_app/components/theme.py and components/styles. Do not edit. */",
                _face(FONT_LATIN, _LATIN),
                _face(FONT_LATIN_EXT, _LATIN_EXT),
                _rule(":root", MEASURES),
                _rule(":root, .light", light, SHADOWS_LIGHT, scheme="light"),
                _rule(".dark", dark, SHADOWS_DARK, scheme="dark"),
                *((STYLES / f"{part}.css").read_text(encoding="utf-8").strip() for part in PARTS),
                column_rules(),
            ]
        )
        + "\n"
    )


def favicon(of: Settings) -> str:
    """The mark as an icon for the browser's tab."""
    light, _ = palettes(of)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="1.9" fill="{light["on-accent"]}"/>' for x, y in MARK_DOTS)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 26 26">'
        f'<rect width="26" height="26" rx="7" fill="{light["accent"]}"/>'
        f'<path d="{MARK_PATH}" fill="none" stroke="{light["on-accent"]}" stroke-width="2.2" stroke-linecap="round" '
        f'stroke-linejoin="round"/>{dots}</svg>\n'
    )


def write_assets() -> None:
    """Make assets/theme.css and assets/favicon.svg; untouched when nothing changed, so that no build is caused."""
    for path, source in ((STYLESHEET, stylesheet(settings())), (FAVICON, favicon(settings()))):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != source:
            path.write_text(source, encoding="utf-8")
