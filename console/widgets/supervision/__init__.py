"""The workspace of supervision: figures, and the cases behind them."""
