"""The <docs-assistant> element: ES modules in `src`, served as one script."""
