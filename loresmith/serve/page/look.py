"""The page's own look: warm paper and ink, one green, system fonts; the rest is in `look.css`."""

from pathlib import Path
from typing import Any

import gradio as gr

CSS = Path(__file__).with_name("look.css")

PAPER = gr.themes.Color(
    name="paper",
    c50="#faf9f6",
    c100="#f3f1ec",
    c200="#e4e1d9",
    c300="#d0ccc1",
    c400="#a5a198",
    c500="#7c7a73",
    c600="#5d5d59",
    c700="#3a4045",
    c800="#262c31",
    c900="#1b2024",
    c950="#14181b",
)
GREEN = gr.themes.Color(
    name="green",
    c50="#e9f4f1",
    c100="#d0e8e2",
    c200="#a5d3c9",
    c300="#7fc6b8",
    c400="#62c7b8",
    c500="#0f766c",
    c600="#0b6b62",
    c700="#09564f",
    c800="#0b443f",
    c900="#0c3632",
    c950="#08211f",
)
SANS = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]


def fragment(html: str = "", **more: Any) -> Any:
    """A piece of the page in our own HTML; texts inside must have gone through `text.plain`."""
    return gr.HTML(html, apply_default_css=False, js_on_load=None, **more)


def theme() -> Any:
    """Gradio's plainest theme in our colours; no font is fetched."""
    made = gr.themes.Base(
        primary_hue=GREEN,
        secondary_hue=GREEN,
        neutral_hue=PAPER,
        text_size=gr.themes.sizes.text_md,
        radius_size=gr.themes.sizes.radius_md,
        font=SANS,
        font_mono=MONO,
    )
    return made.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="#20262b",
        body_text_color_dark="#e7e4dc",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        background_fill_primary="white",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_100",
        background_fill_secondary_dark="*neutral_800",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="#30373d",
        border_color_primary="*neutral_200",
        border_color_primary_dark="#30373d",
        block_border_width="1px",
        block_radius="12px",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_border_color="*neutral_300",
        input_border_color_dark="#3d454c",
        input_border_color_focus="*primary_500",
        input_border_color_focus_dark="*primary_400",
        input_radius="10px",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_400",
        button_primary_background_fill_hover_dark="*primary_300",
        button_primary_text_color="white",
        button_primary_text_color_dark="#0d1a18",
        button_secondary_background_fill="white",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_background_fill_hover="*neutral_100",
        button_secondary_background_fill_hover_dark="*neutral_700",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="#3d454c",
        link_text_color="*primary_600",
        link_text_color_dark="*primary_400",
        color_accent_soft="*primary_50",
        color_accent_soft_dark="#17312e",
        loader_color="*primary_500",
    )
