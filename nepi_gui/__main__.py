"""Makes ``python -m nepi_gui`` the same as ``nepi-gui``."""

from nepi_gui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
