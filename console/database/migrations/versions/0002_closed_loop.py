"""The closed loop: moves of cases and who may make them, evidence, configuration, a tamper-evident audit."""

from alembic import op

from console.database.migrations.sql_files import run_down, run_up

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL files of this revision."""
    run_up(op.get_bind(), "closed_loop")


def downgrade() -> None:
    """Undo them; what only the closed loop knows is lost."""
    run_down(op.get_bind(), "closed_loop")
