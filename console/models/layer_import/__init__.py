"""Own data: layers of a city's surveys taken into the tables of schema city, checked row by row, all or nothing.

`importing.import_layer` is the way in; `command` is its command line.
"""
