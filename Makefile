# Each command prepares what it needs first; that is quick when nothing is missing.

.PHONY: help setup demo test

help:
	@echo "make demo    run two hosts that ping each other, and show where the results are"
	@echo "make test    style, types, import contracts, tests"
	@echo "make setup   only prepare: system packages, .venv, the project with its test tools"

setup:
	@sh setup/prepare.sh

demo: setup
	@sh setup/demo.sh

test: setup
	@sh setup/check.sh
