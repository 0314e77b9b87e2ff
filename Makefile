# One command for each job; each installs what it needs. Every target runs from a fresh clone.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
VYPER := $(wildcard src/wallstreetfeds/contracts/*.vy src/wallstreetfeds/contracts/*.vyi)
DEMO ?=
FUZZ ?=
EXPERIMENTS ?=
CAMPAIGNS ?= maths profit machine model
MUTANTS ?=
# natrix compiles every file alone; a module that uses another's state is compiled with the contract that has it.
LINTED := $(filter-out %/lp_share.vy %.vyi,$(VYPER))
# Frame size; ERC-20's own lower-case getters; implicit @internal; extcall helpers taken for views; argument prefixes.
VYPER_RULES_OFF := NTX1 NTX2 NTX3 NTX4 NTX11

export FLWR_TELEMETRY_ENABLED := 0
export FLWR_DISABLE_UPDATE_CHECK := 1
export FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION := 1
export RAY_USAGE_STATS_ENABLED := 0
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: bench-contribution bench-gas bench-sim experiments flower-matrix fuzz mutants help install install-bench install-torch contracts demo test check acceptance lock clean
.DELETE_ON_ERROR:

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(VENV)/.installed: pyproject.toml requirements.lock scripts/compile_contracts.py
	@command -v $(PYTHON) >/dev/null || { echo "wallstreetfeds needs Python 3.11 or later; set PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing into $(VENV) (about a minute the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install -c requirements.lock 'hatchling>=1.27' 'vyper==0.4.3' editables
	@$(PIP) install -c requirements.lock --no-build-isolation -e '.[dev]'
	@touch $@

src/wallstreetfeds/contracts/artifacts/.compiled: $(VENV)/.installed $(VYPER)
	@$(BIN)/python scripts/compile_contracts.py
	@touch $@

# Only `wsf demo --keep` needs a node.  The package's own script would look for downloads: the binary is already there.
node_modules/.installed: package.json package-lock.json
	@if ! command -v npm >/dev/null; then echo "npm is missing: everything but 'wsf demo --keep' and its tests works without it (or set WSF_ANVIL)"; \
	elif npm install --ignore-scripts --no-save --silent && touch $@; then :; \
	else echo "npm could not install anvil: everything but 'wsf demo --keep' and its tests works without it (or set WSF_ANVIL)"; fi

install: $(VENV)/.installed contracts node_modules/.installed ## Build .venv with `wsf` in it, and a node for --keep

contracts: src/wallstreetfeds/contracts/artifacts/.compiled

$(VENV)/.bench: $(VENV)/.installed
	@$(PIP) install -c requirements.lock --no-build-isolation -e '.[dev,bench]'
	@touch $@

install-torch: install ## Add PyTorch, for coalitions of its modules and their tests
	@$(PIP) install -c requirements.lock 'torch==2.13.0'

install-bench: install $(VENV)/.bench ## Add what the benchmarks compare ours with: contracts, PyTorch, shapiq
	@command -v npm >/dev/null || { echo "npm is missing: the contracts to compare with are npm packages"; exit 1; }
	@cd benchmarks/peers && npm ci --ignore-scripts --silent

bench-gas: install-bench ## Gas of every operation beside Balancer's and Uniswap's, into benchmarks/gas.json
	@$(BIN)/wsf bench gas --out benchmarks/gas.json

bench-contribution: install $(VENV)/.bench ## Assessments beside PyTorch loops and shapiq, into benchmarks/contribution.json
	@$(BIN)/wsf bench contribution --out benchmarks/contribution.json

# Where Ray cannot be installed the benchmark runs without, and says so.
bench-sim: install ## The simulator's speed beside titanoboa and Flower's Ray simulation, into benchmarks/sim.json
	@$(PIP) install -c requirements.lock --no-build-isolation -e '.[dev,sim-bench]' || echo "Ray could not be installed"
	@$(BIN)/wsf bench sim --out benchmarks/sim.json

experiments: install ## Run every experiment and bring its page under docs/experiments up to date (an hour); EXPERIMENTS="bubbles"
	@for name in $(or $(EXPERIMENTS),$$($(BIN)/python -c 'from wallstreetfeds.experiments import EXPERIMENTS; print(*EXPERIMENTS)')); do \
	echo "$$name"; $(BIN)/wsf experiment run $$name --out docs/experiments > /dev/null || exit 1; done

demo: install ## Run a whole tokenised federation: ten lenders, ten rounds
	@$(BIN)/wsf demo $(DEMO)

test: install ## Run every test
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not acceptance"

fuzz: install ## Campaigns of millions of cases against the contracts (long); FUZZ="--seed 1" CAMPAIGNS=profit
	@failed=0; for campaign in $(CAMPAIGNS); do \
	PYTHONPATH=tests:tests/contracts $(BIN)/python -m fuzz $$campaign $(FUZZ) || failed=1; done; exit $$failed

mutants: install ## Break the contracts in small ways and see which the tests notice (an hour); MUTANTS="Pool.vy --seed 2"
	@$(BIN)/python scripts/mutate_contracts.py $(MUTANTS)

flower-matrix: install ## The federation's tests with several versions of Flower (long)
	@$(BIN)/python scripts/flower_matrix.py

acceptance: install ## Claims over many seeds (minutes)
	@$(BIN)/python -m pytest -q -s -m acceptance tests/acceptance

check: install ## Formatting, lint, types, import directions, Vyper lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@PATH="$(CURDIR)/$(BIN):$$PATH" natrix lint -d $(VYPER_RULES_OFF) -- $(LINTED)

lock: install ## Write the versions now installed to requirements.lock
	@$(BIN)/pip freeze --exclude-editable --all | grep -vE '^(pip|setuptools|wheel)==' | sed 's/+cpu$$//' > requirements.lock

clean: ## Remove everything a target made
	rm -rf $(VENV) node_modules src/wallstreetfeds/contracts/artifacts .hypothesis .mypy_cache .ruff_cache .pytest_cache build dist
