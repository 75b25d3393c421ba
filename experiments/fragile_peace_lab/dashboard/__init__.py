"""`fragile-peace dashboard`: three views for people who would rather look than read.

Plain Python, tested without a browser: `settings` (what the page shows, and its share link), `levers` (what can be
moved), `watch` (one run, week by week), `game` (the game behind a place), `bank` and `risk` (runs that come in, and
their estimates), `folder` (a sweep's results), `charts` (pictures as HTML). `page` and the `*_view` modules put them
on a Solara page; `server` serves it. The model and the estimators are those of the command line: nothing is computed
twice, and nothing here knows a formula.
"""

TITLE = "Fragile Peace"  # of the page, and of its tab
