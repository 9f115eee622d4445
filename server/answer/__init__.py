"""What the model writes becomes what a reader may see: checked citations, links, Cards."""
