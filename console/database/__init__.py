"""The only door to PostGIS: private cluster, connections, migrations, bulk load and the feed of changes."""
