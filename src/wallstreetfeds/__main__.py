"""`python -m wallstreetfeds` is `wsf`."""

from wallstreetfeds.cli import main

main()
