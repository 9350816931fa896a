# Every target makes what it needs: a virtual environment in .venv with exactly the packages of uv.lock.
# GNU make 3.81, which macOS has, must do.
#
#   make bench ARGS="-e duration=20s"      more arguments for ansible-playbook
#   make test ARGS="tests/unit -q"         more arguments for pytest
#   make PYTHON=/path/to/python3.12 …      a Python of your choice, where .venv is made anew
#   make interference INVENTORY=my-vms.yml REPEATS=5
#   make lab-up LAB_SUITE=trixie           the lab's hosts on another Debian release
#   make lab-up LAB_LOADS=2                the lab with a second load host

ARGS =
PYTHON =
# The Debian release of the lab's hosts: bookworm, trixie, or unstable.
LAB_SUITE = bookworm
# Its load hosts: 1 or 2.
LAB_LOADS = 1
# Of make interference: the hosts, how many blocks of each run, and the name of two runs to go on with.
INVENTORY = inventory/lab.yml
REPEATS = 3
NAME =
# All tests: more processes than cores, since most tests wait; each with whole groups (tests/conftest.py). A fourth
# one would only slow down the longest group. With ARGS: one process.
SIDE_BY_SIDE = -n 3 --no-loadscope-reorder
BIN = .venv/bin
# One that is mistyped, or meant for ansible-playbook, would change nothing, and nobody would know.
TAKEN = ARGS PYTHON LAB_SUITE LAB_LOADS INVENTORY REPEATS NAME
STRANGE := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(filter-out $(TAKEN),$(name))))
ifneq ($(strip $(STRANGE)),)
$(error $(strip $(STRANGE)): no variable of this Makefile; allowed: $(TAKEN); parameters of a run: make bench ARGS="-e duration=20s")
endif
CANDIDATES = $(if $(PYTHON),"$(PYTHON)",$(BIN)/python python3.14 python3.13 python3.12 python3.11 python3)
EXPORTED_GROUPS = uv apps fakedb k6 postgres

# Ansible forks, and macOS kills forked processes that touch Objective-C. ansible.cfg cannot set this.
export OBJC_DISABLE_INITIALIZE_FORK_SAFETY = YES
# A caller's own would hide ours, and Ansible does not look for ours where everybody may write.
export ANSIBLE_CONFIG = $(CURDIR)/ansible.cfg
# A caller's own setting would send uv to another environment than .venv.
export UV_PROJECT_ENVIRONMENT = .venv
unexport VIRTUAL_ENV
# A caller's own would put another checkout's library before this one's.
unexport PYTHONPATH
# Common in containers; every ansible-playbook would compile Ansible and all that is ours anew.
unexport PYTHONDONTWRITEBYTECODE

# Ansible refuses to start in any locale but one of UTF-8, which LC_ALL=C, common in scripts and cron, is not.
ifneq ($(shell locale charmap 2>/dev/null),UTF-8)
export LC_ALL = $(if $(filter Darwin,$(shell uname)),en_US.UTF-8,C.UTF-8)
endif

# Run, not only found: a pyenv shim exists for versions that are not installed, and Debian's python3 may lack ensurepip.
# Its answer counts, not its exit code: make PYTHON=/bin/true.
PYTHON_FITS = import ensurepip, sys, venv; print((3, 11) <= sys.version_info[:2] <= (3, 14))

.PHONY: help setup bench plan interference test test-all test-cores check docs vendor lock lab-up lab-down

help:
	@echo 'make bench       measure the quick matrix on this machine and print the table (ARGS: ansible-playbook)'
	@echo 'make interference  measure what it costs that all legs share one machine, in the lab or on your hosts'
	@echo 'make plan        print what bench.yml would do, and how long it would take (ARGS: ansible-playbook)'
	@echo 'make setup       install all that bench, test and collect.py need, and run nothing'
	@echo 'make test        run the tests (ARGS: pytest)'
	@echo 'make test-all    run the long ones, too: hosts that boot, waits in their full length'
	@echo 'make test-cores  run the tests of the callbacks on every Ansible of the lock'
	@echo 'make check       lint, format, types, locks'
	@echo 'make docs        make the parts of the documents anew that come from the library'
	@echo 'make vendor      fetch the report page'\''s libraries anew from npm (ARGS: NAME@VERSION …)'
	@echo 'make lock        resolve the dependencies anew, and export requirements/'
	@echo 'make lab-up      build and boot the three-host lab; needs root (LAB_SUITE: bookworm, trixie, unstable; LAB_LOADS: 1, 2)'
	@echo 'make lab-down    remove the lab (ARGS: ansible-playbook)'

bench: .venv/.synced-bench
	$(BIN)/ansible-playbook bench.yml -e matrix=quick $(ARGS)
	@echo
	@echo 'That was the quick matrix; README tells how to read the table.'
	@echo 'All stacks, under a load that ranks them (about 50 minutes):'
	@test "$$(uname)" != Darwin || echo '    export OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES'
	@echo '    $(BIN)/ansible-playbook bench.yml -e load=saturate'

plan: .venv/.synced-bench
	$(BIN)/ansible-playbook playbooks/preview.yml $(ARGS)

interference: .venv/.synced-bench
	$(BIN)/python -m tripod.cli.interfering --inventory '$(INVENTORY)' --repeats '$(REPEATS)' \
	    $(if $(NAME),--name '$(NAME)') -- $(ARGS)

setup: .venv/.synced-all

test: .venv/.synced-all
	$(BIN)/pytest $(if $(ARGS),$(ARGS),$(SIDE_BY_SIDE) -m 'not long')

# Both, whatever becomes of the first. One of them may have none (5) of the tests that ARGS names.
test-all: .venv/.synced-all
	$(BIN)/pytest -m alone $(ARGS); alone=$$?; \
	$(BIN)/pytest $(SIDE_BY_SIDE) -m 'not alone' $(ARGS); \
	case $$alone,$$? in 0,0 | 0,5 | 5,0) ;; *) exit 1 ;; esac

test-cores: .venv/.synced-all
	$(BIN)/python tests/cores.py $(ARGS)

check: .venv/.synced-all
	$(BIN)/uv lock --check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin
	PATH="$(CURDIR)/$(BIN):$$PATH" ansible-lint --offline --profile production bench.yml playbooks roles

docs: .venv/.synced-bench
	$(BIN)/python docs/generate.py

vendor: .venv/.synced-bench
	$(BIN)/python tripod/report/page/vendor/fetch.py $(ARGS)

lock: .venv/.uv
	$(BIN)/uv lock $(ARGS)
	set -e; for group in $(EXPORTED_GROUPS); do \
	    $(BIN)/uv export -q --frozen --only-group $$group --no-emit-project -o requirements/$$group.txt; \
	done

lab-up: .venv/.synced-bench
	$(BIN)/ansible-playbook playbooks/lab.yml -e lab_state=up -e lab_suite=$(LAB_SUITE) -e lab_loads=$(LAB_LOADS) $(ARGS)

lab-down: .venv/.synced-bench
	$(BIN)/ansible-playbook playbooks/lab.yml -e lab_state=down $(ARGS)

# The environment, with uv in it. One that is there already is kept if its Python fits and no other was asked for.
.venv/.uv: requirements/uv.txt
	@set -e; \
	for candidate in $(CANDIDATES); do \
	    if [ "$$("$$candidate" -c '$(PYTHON_FITS)' 2>/dev/null)" = True ]; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo 'No Python 3.11 to 3.14 with its venv module was found; tried: $(subst ",,$(CANDIDATES)).' >&2; \
	    echo 'Install one (Debian, Ubuntu: apt install python3-venv; macOS: brew install python@3.14),' >&2; \
	    echo 'or name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)' >&2; \
	    exit 1; \
	fi; \
	"$$found" -B tripod/inputs/place.py; \
	if [ "$$found" = $(BIN)/python ]; then \
	    "$$found" -m pip --version >/dev/null 2>&1 || "$$found" -m ensurepip >/dev/null; \
	else \
	    echo "Making .venv with $$("$$found" --version) ($$found)"; \
	    "$$found" -m venv --clear .venv; \
	fi
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# --inexact: a bench after a test leaves the test's packages where they are.
.venv/.synced-bench: .venv/.uv pyproject.toml uv.lock
	$(BIN)/uv sync -q --locked --inexact --group uv
	@touch $@

.venv/.synced-all: .venv/.uv pyproject.toml uv.lock
	$(BIN)/uv sync -q --locked --all-groups
	@touch .venv/.synced-bench $@
