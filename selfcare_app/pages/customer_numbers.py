import reflex as rx
from selfcare_app.pages.page import Page
from selfcare_app.state.frame import FrameState
from selfcare_app.state.customer_numbers import CustomerNumbersState as S
def draw():
    return rx.el.main(rx.el.h1("Kundnummer"), rx.el.input(on_change=S.search_for.debounce(150), id="q"), rx.el.p(S.total_text, id="total"), rx.el.table(rx.el.tbody(rx.foreach(S.rows, lambda r: rx.el.tr(rx.el.td(r["number"]), rx.el.td(r["name"]))))))
PAGE = Page(route="/customer-numbers", title="Kundnummer", draw=draw, on_load=S.load)
