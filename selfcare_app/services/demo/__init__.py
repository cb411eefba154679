"""The demo companies (data.md): who they are, the files an operator would feed for them, and loading it all."""

from selfcare_app.services.demo.loading import NotEmpty, load_demo

__all__ = ["NotEmpty", "load_demo"]
