"""Reports that may leave the desk: one content, written as Markdown or as one HTML file. Values in, text out."""
