# What can be done with Muster from here; `make` alone lists it.
#
# Settings of `make run` come from the environment: PORT, DATA, DEMO, SMTP_URL.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
IN := .venv/bin/python

.PHONY: help run ready test-ready test check test-fast test-containers test-journeys test-browser \
	test-foreign test-faults up down generate bench lock

help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

run: ready ## Run Muster in one process with demo data, on http://127.0.0.1:8000
	@exec $(IN) -m services run

ready:
	@command -v $(PYTHON) >/dev/null || { echo "Muster needs Python 3.11 or newer, and found no python3." >&2; exit 1; }
	@$(PYTHON) deploy/prepare.py run

test-ready:
	@command -v $(PYTHON) >/dev/null || { echo "Muster needs Python 3.11 or newer, and found no python3." >&2; exit 1; }
	@$(PYTHON) deploy/prepare.py tests

test: test-ready ## Run all checks and tests; on Debian as root first installs what they need
	@$(IN) tests/run.py

check: test-ready ## Lint, formatting and types
	@$(IN) tests/run.py check

test-fast: test-ready ## Tests that need nothing but Python
	@$(IN) tests/run.py fast

test-containers: test-ready ## Tests on PostgreSQL and RabbitMQ
	@$(IN) tests/run.py containers

test-journeys: test-ready ## User stories on the whole compose system
	@$(IN) tests/run.py journeys

test-browser: test-ready ## Pages in a real browser
	@$(IN) tests/run.py browser

test-foreign: test-ready ## Calendars and feeds in programs that nobody here wrote
	@$(IN) tests/run.py foreign

test-faults: test-ready ## What is lost when parts of the system break
	@$(IN) tests/run.py faults

up: ## Start the compose system; the first time makes secrets/ and images
	@deploy/make-secrets
	@deploy/images/engine-up
	@deploy/images/base-images
	@catcher=$$(grep -q '^smtp://mail:' "$${SECRETS_DIR:-secrets}/smtp-url" && echo --profile mail); \
		docker compose $$catcher up --detach --build --wait && \
		echo "Muster is ready: $${PUBLIC_URL:-http://127.0.0.1:$${PORT:-8080}}" && \
		if [ -n "$$catcher" ]; then echo "Mail is caught, not sent: http://127.0.0.1:$${MAIL_PORT:-8025} (secrets/smtp-url says where it goes)"; fi

down: ## Stop the compose system; what it stored stays
	@docker compose --profile mail down

generate: ready ## Write again what follows from the code: broker, front door, docs
	@$(IN) -m deploy.rabbitmq.topology
	@$(IN) -m deploy.front_door.generate
	@$(IN) -m docs.generate

bench: test-ready ## Measure, and write bench-results/
	@$(IN) -m tests.bench

lock: test-ready ## Pin the newest versions of everything, with hashes
	@$(IN) -m pip install --quiet --disable-pip-version-check uv
	@for folder in deploy tests; do \
		cd $$folder && ../.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-header --no-annotate -o requirements.txt requirements.in \
			$$([ $$folder = tests ] && echo --constraint ../deploy/requirements.txt) && \
		sed -i '1i # Written by `make lock` from requirements.in; resolved for Python 3.11 to 3.13.' requirements.txt && cd ..; \
	done
