import reflex as rx
from selfcare_app.pages.page import Page
from selfcare_app.state.frame import FrameState

def draw():
    return rx.el.main(rx.el.h1("Finns inte"))
PAGE = Page(route="404", title="Finns inte", draw=draw, on_load=None)
