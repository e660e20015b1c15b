"""Opens the console: ``python main.py --help`` names the options."""

import sys

from console.app import main

if __name__ == "__main__":
    sys.exit(main())
