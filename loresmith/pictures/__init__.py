"""Drawings as SVG without outside parts. Colours and fonts are the page's, by class name, for light, dark and print."""
