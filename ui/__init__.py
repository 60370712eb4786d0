"""What the patron sees: one view at a time, and the touches on it.

Start with `app.py` (`run`), then `bridge.py` (how views come in), `stage.py` (which view gets which screen),
`screens/` (one `.py` and its `.kv` twin per view), `widgets/` and `style.py` (colours, sizes).  `player.py` plays
touches for demo and tests, `preview.py` makes pictures, `table/` is the demo's second window.

Screens decide nothing and word nothing: they show a view in the words of `kiosk/wording/` and post the id of what was
touched.  Only this room imports Kivy, and only after `environment.py` prepared it.
"""
