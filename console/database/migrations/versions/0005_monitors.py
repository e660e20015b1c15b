"""Rules of alarms, and their life from raising to return (ISA-18.2)."""

from alembic import op

from console.database.migrations.sql_files import run_down, run_up

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL files of this revision."""
    run_up(op.get_bind(), "monitors")


def downgrade() -> None:
    """Undo them; rules and the histories of alarms are lost."""
    run_down(op.get_bind(), "monitors")
