import reflex as rx
from selfcare_app.pages.page import Page
from selfcare_app.state.frame import FrameState
from selfcare_app.state.overview import OverviewState
def draw():
    return rx.el.main(rx.el.h1("Översikt"), rx.el.p(OverviewState.company_name), rx.el.p(OverviewState.customer_numbers_total))
PAGE = Page(route="/", title="Översikt", draw=draw, on_load=OverviewState.load)
