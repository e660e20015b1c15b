"""Schema city, from its areas to its rights, with descriptions and the styles in which QGIS opens it."""

from typing import Any

from alembic import op

from console.database.migrations import layer_styles
from console.database.migrations.sql_files import run_up

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create schema `city` from the SQL files of this revision, in the order of their numbers."""
    bind = op.get_bind()
    bind.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public")
    run_up(bind, "city")
    driver: Any = bind.connection
    with driver.cursor() as cursor:
        layer_styles.install(cursor)


def downgrade() -> None:
    """Drop schema `city` with all that is in it; roles stay, since other databases of the server may use them."""
    bind = op.get_bind()
    driver: Any = bind.connection
    with driver.cursor() as cursor:
        layer_styles.remove(cursor)
    bind.exec_driver_sql("DROP SCHEMA city CASCADE")
