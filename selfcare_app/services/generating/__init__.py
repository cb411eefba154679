"""Companies of any size for measuring: written in bulk, with the same derived fields as if their files had been fed."""

from selfcare_app.services.generating.making import Generated, Made, Wanted, generate

__all__ = ["Generated", "Made", "Wanted", "generate"]
