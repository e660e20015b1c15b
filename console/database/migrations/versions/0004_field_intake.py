"""What comes in from the field: terminals and who admits them, messages as they came, positions in doubt."""

from alembic import op

from console.database.migrations.sql_files import run_down, run_up

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL files of this revision."""
    run_up(op.get_bind(), "field_intake")


def downgrade() -> None:
    """Undo them; registrations and raw messages are lost."""
    run_down(op.get_bind(), "field_intake")
