# Two commands do everything on a machine with git, make and Python 3.11+ (with venv):
#   make demo     opens the workbench on the demo desk
#   make test     runs the checks and the tests
# The others name what more they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo team-demo test check e2e bench bench-kinto bench-outbreaks show-first-light show-decide show-media show-sync show-week show-bundle show-api pictures messages show-mail interop show-meaning constraints clean

demo: $(READY)
	$(BIN)/escaltui demo

# Three at a time on two cores: a good third of each is waiting for a screen or a server.
test: check
	$(BIN)/python -m pytest -n 3 --dist loadfile

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every version is pinned by hash in constraints.txt; nothing else is fetched.
$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "escaltui needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The real program in tmux, on real material (needs tmux and ESCALTUI_REAL_DATA, by default ../shared/data).
e2e: $(READY)
	@command -v tmux >/dev/null || { echo "make e2e needs tmux"; exit 1; }
	ESCALTUI_REQUIRE_REAL_DATA=1 $(BIN)/python -m pytest tests/e2e --run-e2e -p no:xdist

# Two workbenches side by side on one desk, with a backend and a PostgreSQL of their own (needs tmux).
team-demo: $(READY)
	$(BIN)/python tools/team_demo.py

# Speed: CPU time and ratios, medians; nothing is asserted (the desk of 1,000,000 cases takes about 10 GB).
bench: $(READY)
	$(BIN)/python tests/perf/bench.py

# Push and pull beside Kinto on the same PostgreSQL, in pairs; Kinto comes by pip into an environment of its own.
bench-kinto: $(READY)
	$(BIN)/python tests/perf/kinto_bench.py

# What rose, on the real notices: false alarms, made outbreaks found and how late, beside simpler ways (minutes).
bench-outbreaks: $(READY)
	$(BIN)/python tests/show/outbreaks.py

# Sync at length: 2,000 random programs of 50 steps with faults, the seeded defects, programs killed at every point and
# behind a lossy proxy, a standby promoted, full disks (these as root), clocks, revoked rights, power cuts (three hours).
soak: $(READY)
	$(BIN)/python tests/soak/model.py
	ESCALTUI_THOROUGH=1 $(BIN)/python -m pytest -s tests/server/test_sync_mutants.py
	$(BIN)/python tests/soak/failpoints.py
	$(BIN)/python tests/soak/nemeses.py 600
	$(BIN)/python tests/soak/standby.py 40
	$(BIN)/python tests/soak/full_disk.py 12
	$(BIN)/python tests/soak/clocks.py 120
	$(BIN)/python tests/soak/revoking.py 100
	$(BIN)/python tests/soak/power_cut.py
	$(BIN)/python tests/soak/ladder.py
	$(BIN)/python tests/soak/ladder_connect.py
	$(BIN)/python tests/soak/writers.py
	$(BIN)/python tests/soak/crowd.py

# Everything under "Show" of the first capability that needs real material; fails where that is missing.
show-first-light: $(READY)
	ESCALTUI_REQUIRE_REAL_DATA=1 ESCALTUI_THOROUGH=1 ESCALTUI_ROUNDS=200 $(BIN)/python tests/show/first_light.py

# Everything under "Show" of deciding; needs real material, and fails where that is missing (about ten minutes).
show-decide: $(READY)
	ESCALTUI_REQUIRE_REAL_DATA=1 $(BIN)/python tests/show/decide.py

# Everything that the safety page must show of pictures, words and exposure, each with its control (half an hour).
show-media: $(READY)
	ESCALTUI_THOROUGH=1 $(BIN)/python tests/show/media.py

# Everything that the page on store, sync and backend must show, row by row, each with its bar (hours; see --only).
show-sync: $(READY)
	$(BIN)/python tests/show/sync.py

# Everything under "Show" of policy changes, crisis, shift and insight; needs real material, tmux and Chromium (an hour).
show-week: $(READY)
	ESCALTUI_REQUIRE_REAL_DATA=1 $(BIN)/python tests/show/week.py

# Bundles: every tampering found, kills at 100 instants and at each step, on a store that follows a backend.
show-bundle: $(READY)
	ESCALTUI_ROUNDS=100 $(BIN)/python -m pytest -s tests/bundling tests/commands/test_bundle_tampering.py \
		tests/commands/test_cli_bundle.py tests/commands/test_cli_transparency.py tests/sync/test_bundle_there.py

# Mailboxes: 500 mails by chance and the difficult ones through a real IMAP server, with kills in between (minutes).
show-mail: $(READY)
	$(BIN)/python tests/show/mail.py

# Every address of the backend under machine-made requests; Schemathesis comes by pip into an environment of its own.
show-api: $(READY)
	$(BIN)/python tests/show/api.py

# Beside a real Ozone on loopback, started by the script that ESCALTUI_OZONE_UP names (../shared/tools/ozone/up): what
# waits there becomes cases; thirty are acted on, ten of them from the screen; the client is killed and the network cut
# in between; another account checks (ten minutes, tmux).
interop: $(READY)
	$(BIN)/python tests/interop/ozone.py

# Look-up by meaning with a real encoder: found, how fast, kills; duplicate hints (needs real material and
# ESCALTUI_MODEL; minutes).
show-meaning: $(READY)
	$(BIN)/python tests/show/meaning.py
	$(BIN)/python tests/show/duplicates.py

# Pictures of each screen for the README, and its key table.
pictures: $(READY)
	$(BIN)/python tools/pictures.py

# The French catalogue: collect messages, compile what is translated.
messages: $(READY)
	$(BIN)/python tools/messages.py

# Pin anew (needs uv): names, versions and hashes only.
constraints:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra dev pyproject.toml --output-file constraints.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
