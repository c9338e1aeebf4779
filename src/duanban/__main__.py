"""`python -m duanban`, for where the script is not on the path."""

from duanban.cli.main import main

main()
