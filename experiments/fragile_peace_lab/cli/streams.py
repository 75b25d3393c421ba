"""Standard output and error as they are found: closed, full, or in an encoding that lacks a character.

Work never ends because a message cannot be shown; a command whose *output* cannot be written says so and fails.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from typing import NoReturn, TextIO

PLAIN = {
    "–": "-",
    "—": "-",
    "−": "-",
    "→": "->",
    "“": '"',
    "”": '"',
    "’": "'",
    "…": "...",
    "×": "x",
    "≥": ">=",
    "≤": "<=",
}
"""What stands for a character that the terminal's encoding lacks; a question mark for any other."""


class Forgiving(io.TextIOWrapper):
    """A stream for messages: what cannot be written is dropped."""

    def write(self, text: str) -> int:
        """Write a message, if that is possible."""
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Hand on what was written, if that is possible."""
        try:
            super().flush()
        except OSError:
            return


def prepare() -> None:
    """Make both streams fit to write on."""
    codecs.register_error("plain", _plain)
    sys.stdout = _opened(sys.stdout)
    sys.stderr = _opened(sys.stderr)
    if isinstance(sys.stderr, io.TextIOWrapper):
        encoding, buffer = sys.stderr.encoding, sys.stderr.detach()
        sys.stderr = Forgiving(buffer, encoding, "plain", line_buffering=True, write_through=True)


def _opened(stream: TextIO | None) -> TextIO:
    """Return a stream that takes every character; a closed one goes nowhere."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="plain")
    return stream


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


def failed(error: OSError) -> NoReturn:
    """End a command whose output cannot be written; quietly where the reader has gone."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    if error.errno != errno.EPIPE:
        print(f"error: {error.filename or 'the output cannot be written'}: {error.strerror}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)  # Python itself would try to write what is left
