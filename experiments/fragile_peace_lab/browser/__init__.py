"""The browser edition: the compiled engine as WebAssembly, and the one page that runs it without a network."""

PAGE = "browser.html"
"""What the page is called among the published results."""
