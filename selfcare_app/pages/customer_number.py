import reflex as rx
from selfcare_app.pages.page import Page
from selfcare_app.state.frame import FrameState
from selfcare_app.state.customer_numbers import CustomerNumberState as S
def draw():
    return rx.el.main(rx.el.h1(S.number), rx.el.p(S.name))
PAGE = Page(route="/customer-numbers/[asked]", title="Kundnummer", draw=draw, on_load=S.load)
