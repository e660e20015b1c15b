"""What monitors judge by: pure rules over arrays of positions and readings, and how they are read and tried.

`trucks` and `gauges` judge; `delays` decides when a condition has held, or been over, for long enough; `ground` and
`routes` know where things are; `groups` sees many alarms of one cause. None of these knows SQL: `source` reads what
they need, `backtest` lets a changed rule judge recorded history. The gateway runs them (`console.gateway.monitors`).
"""
