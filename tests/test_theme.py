"""The look: colours live in one place, can be read on every ground, and an operator's own colour is checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from selfcare_app.components import theme
from selfcare_app.config import PROJECT, Settings, SettingsError

RAW_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\b(?:rgba?|hsla?|oklch|color-mix)\(")
USED = re.compile(r"var\(--([a-z0-9-]+)")
DEFINED = re.compile(r"--([a-z0-9-]+)\s*:")

GROUNDS = ("canvas", "surface", "raised", "sunken", "hover", "selected", "accent-soft")
TEXT_ON = [
    *((text, ground) for text in ("text", "text-2") for ground in GROUNDS),
    *(("text-3", ground) for ground in ("canvas", "surface", "raised", "sunken", "hover", "selected")),
    *(("accent-text", ground) for ground in GROUNDS),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-inverse", "inverse"),
    ("on-inverse", "inverse-line"),
    ("inverse-2", "inverse"),
    *((kind, f"{kind}-soft") for kind in ("danger", "warning", "success", "info")),
    *((kind, "surface") for kind in ("danger", "warning", "success", "info")),
    *(("text", f"{kind}-soft") for kind in ("danger", "warning", "success", "info")),
]
MARK_ON = [
    ("line-strong", "surface"),
    ("accent", "surface"),
    ("bar", "surface"),
    ("focus", "surface"),
    ("focus", "canvas"),
    ("focus", "sunken"),
    ("on-inverse", "inverse"),
]
PALETTES = {"light": theme.LIGHT, "dark": theme.DARK}


def settings(**given: str) -> Settings:
    return Settings(demo="1", **given)  # type: ignore[arg-type]


ELSEWHERE = {"account_pages.py": "a QR code is black on white in any theme: cameras read it"}


def sources() -> list[Path]:
    package = PROJECT / "selfcare_app"
    python = [path for folder in ("components", "pages", "api") for path in (package / folder).rglob("*.py")]
    scripts = [PROJECT / "assets" / name for name in ("theme.js", "selfcare.js")]
    return [
        path for path in [*python, *theme.STYLES.glob("*.css"), *scripts] if path.name not in ("theme.py", *ELSEWHERE)
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_colour_is_written_outside_the_theme(path: Path) -> None:
    found = RAW_COLOUR.findall(path.read_text(encoding="utf-8"))
    assert not found, f"{path.name} holds raw colours {found}: give them a name in theme.py"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_token_used_is_defined(path: Path) -> None:
    sheet = theme.stylesheet(settings())
    set_by_libraries = {"radix-popper-available-height"}
    assert set(USED.findall(path.read_text(encoding="utf-8"))) <= set(DEFINED.findall(sheet)) | set_by_libraries


def test_every_part_of_the_stylesheet_is_in_it() -> None:
    assert {path.stem for path in theme.STYLES.glob("*.css")} == set(theme.PARTS)


def test_light_and_dark_name_the_same_colours() -> None:
    assert theme.LIGHT.keys() == theme.DARK.keys()
    assert theme.SHADOWS_LIGHT.keys() == theme.SHADOWS_DARK.keys()


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_can_be_read(palette: str, text: str, ground: str) -> None:
    colours = PALETTES[palette]
    assert theme.contrast(colours[text], colours[ground]) >= theme.TEXT_CONTRAST


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize(("mark", "ground"), MARK_ON)
def test_marks_can_be_seen(palette: str, mark: str, ground: str) -> None:
    colours = PALETTES[palette]
    assert theme.contrast(colours[mark], colours[ground]) >= theme.MARK_CONTRAST


def test_contrast_is_measured_as_wcag_does() -> None:
    assert theme.contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("accent", ["#8A1538", "#0046AD", "#5B2A86", "#1B5E20", "#000000"])
def test_an_operators_colour_gives_two_readable_palettes(accent: str) -> None:
    for colours in theme.palettes(settings(operator_accent=accent)):
        for text, ground in TEXT_ON:
            assert theme.contrast(colours[text], colours[ground]) >= theme.TEXT_CONTRAST, (text, ground)
        for mark, ground in MARK_ON:
            assert theme.contrast(colours[mark], colours[ground]) >= theme.MARK_CONTRAST, (mark, ground)


def test_an_operators_colour_leaves_status_colours_alone() -> None:
    light, dark = theme.palettes(settings(operator_accent="#8A1538"))
    assert light["accent"] == "#8A1538"
    for name in ("danger", "warning", "success", "info", "text", "surface"):
        assert (light[name], dark[name]) == (theme.LIGHT[name], theme.DARK[name])


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"operator_accent": "#FFB300"}, "SELFCARE_OPERATOR_ACCENT: #FFB300 .*darker"),
        ({"operator_accent_dark": "#1A2B6D"}, "SELFCARE_OPERATOR_ACCENT_DARK: #1A2B6D .*lighter"),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused_in_one_sentence(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        theme.stylesheet(settings(**given))


def test_the_fonts_named_are_shipped_with_their_licence() -> None:
    for address in (theme.FONT_LATIN, theme.FONT_LATIN_EXT):
        assert (PROJECT / "assets" / address.lstrip("/")).read_bytes()[:4] == b"wOF2"
    assert "SIL Open Font License" in (PROJECT / "assets" / "fonts" / "LICENSE.txt").read_text(encoding="utf-8")
