import reflex as rx
from selfcare_app.pages.page import Page
from selfcare_app.state.frame import FrameState

def draw():
    return rx.el.main("...")
PAGE = Page(route="/login", title="Logga in", draw=draw, on_load=None)
