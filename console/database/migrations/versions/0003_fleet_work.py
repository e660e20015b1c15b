"""The work of the fleet: mileage and trips follow the positions of trucks; whether their engines run."""

from alembic import op

from console.database.migrations.sql_files import run_down, run_up

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL files of this revision."""
    run_up(op.get_bind(), "fleet_work")


def downgrade() -> None:
    """Undo them; positions no longer say whether an engine ran."""
    run_down(op.get_bind(), "fleet_work")
