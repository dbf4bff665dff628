# vpc-guardrail: `make help` lists what there is to do.
SHELL := /bin/bash
.DEFAULT_GOAL := help

CARGO  ?= cargo
PYTHON ?= python3
VENV   ?= .venv
# Their tools ask for packages that do not go together.
VENV_INFRA   ?= .venv-infra
VENV_CHECKOV ?= .venv-checkov
VENV_DEPLOY  ?= .venv-ministack
VENV_CUSTODIAN ?= .venv-custodian
# What `make package` and `make deploy` are for: arm64 or x86_64, and the policy file that goes into the zips.
ARCH   ?=
POLICY ?= infra/policy.example.yaml
STACK  ?= vpc-guardrail
# Where the packages are, and where the answers to `make deploy` are kept.
PACKAGES  ?= target/package
SAMCONFIG ?= $(CURDIR)/samconfig.toml
LOCKED := --workspace --locked
export GUARDRAIL_VENV := $(abspath $(VENV))
export GUARDRAIL_VENV_DEPLOY := $(abspath $(VENV_DEPLOY))
export GUARDRAIL_VENV_CUSTODIAN := $(abspath $(VENV_CUSTODIAN))

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build $(VENV)/installed ## Play a short story against an emulated AWS on this machine
	@target/debug/demo

.PHONY: test
test: build $(VENV)/installed ## Run every test, from single functions to the real binary against an emulated AWS
	$(CARGO) test $(LOCKED)
	$(VENV)/bin/python -m unittest discover --start-directory tests/emulator

.PHONY: check
check: ## Check formatting, lints, fences between the crates, and generated files
	$(CARGO) fmt --all --check
	$(CARGO) clippy $(LOCKED) --all-targets -- --deny warnings
	$(CARGO) test $(LOCKED) --test suite fences::
	$(CARGO) build $(LOCKED) --all-targets
	target/debug/guardrail generate --check

.PHONY: generate
generate: build ## Write the generated files anew: JSON Schema, catalogue of rules, template, patterns, IAM statements
	target/debug/guardrail generate

# The functions are built by themselves, with the features of their own dependencies alone: just what would be shipped.
.PHONY: bench
bench: $(VENV)/installed $(VENV_CUSTODIAN)/installed ## Measure the release build: start, memory, size, speed, and beside Cloud Custodian
	$(CARGO) build --locked --release --package security-groups --package naive-function
	$(CARGO) build --locked --release --package guardrail-tests --bin bench
	@target/release/bench

# The same with the binaries that the tests have built already and few repetitions: whether it works, not how fast it is.
.PHONY: try-bench
try-bench: build $(VENV)/installed $(VENV_CUSTODIAN)/installed ## Try the measures with debug binaries and few repetitions
	@target/debug/bench --trial

# Everything below works without AWS, but for deploy and destroy.
.PHONY: expand
expand: $(VENV_INFRA)/installed ## Write the plain CloudFormation template anew, from the SAM template
	@$(VENV_INFRA)/bin/python infra/checks/run.py --write

.PHONY: cost
cost: $(VENV_INFRA)/installed ## Compute what the stack costs, for the page infra/README.md
	@$(VENV_INFRA)/bin/python infra/cost.py --write

.PHONY: check-infra
check-infra: $(VENV_INFRA)/installed $(VENV_CHECKOV)/installed ## Check the templates: fresh, linted, least privilege
	@$(VENV_INFRA)/bin/python infra/checks/run.py --checkov $(VENV_CHECKOV)/bin/checkov
	@$(VENV_INFRA)/bin/python -m unittest discover --start-directory infra/checks

.PHONY: package
package: ## Build and zip the functions, the same bytes for the same commit: ARCH=arm64 or x86_64, POLICY=FILE
	@$(PYTHON) infra/package.py --policy $(POLICY) $(if $(ARCH),--architecture $(ARCH))

.PHONY: test-deploy
test-deploy: package $(VENV)/installed $(VENV_INFRA)/installed $(VENV_DEPLOY)/installed ## Deploy, use, change and delete the stack on an emulated AWS
	@$(VENV_INFRA)/bin/python -m unittest discover --start-directory tests/deploy

# The same with the binaries that the tests have built already: no release build, which takes minutes.
.PHONY: try-deploy
try-deploy: build $(VENV)/installed $(VENV_INFRA)/installed $(VENV_DEPLOY)/installed ## The same with debug binaries
	@$(PYTHON) infra/package.py --policy $(POLICY) --built target/debug
	@GUARDRAIL_PACKAGES=target/package-trial $(VENV_INFRA)/bin/python -m unittest discover --start-directory tests/deploy

.PHONY: deploy
deploy: ARCH := $(or $(ARCH),arm64)
deploy: package $(VENV_INFRA)/installed $(SAMCONFIG) ## Deploy the stack to your AWS account, asking what it must know: STACK=NAME
	SAM_CLI_TELEMETRY=0 $(VENV_INFRA)/bin/sam deploy --guided --stack-name $(STACK) --capabilities CAPABILITY_NAMED_IAM --confirm-changeset \
	  --template-file $(PACKAGES)/template-$(ARCH).yaml --config-file $(SAMCONFIG)

# The SAM CLI refuses a file that is not there, and keeps the answers in none that it is not given.
$(SAMCONFIG):
	@echo 'version = 0.1' > $@

.PHONY: destroy
destroy: $(VENV_INFRA)/installed ## Delete the stack from your AWS account, and say what is kept: STACK=NAME
	@$(VENV_INFRA)/bin/python infra/destroy.py $(STACK)

.PHONY: venv
venv: $(VENV)/installed ## Install the emulated AWS for demo and tests into .venv

$(VENV)/installed: tests/emulator/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "$(PYTHON) is older than 3.10, which the emulated AWS needs: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(VENV_INFRA)/installed: infra/requirements.txt
$(VENV_CHECKOV)/installed: infra/requirements-checkov.txt
$(VENV_DEPLOY)/installed: tests/deploy/requirements.txt
$(VENV_CUSTODIAN)/installed: tests/bench/custodian/requirements.txt
$(VENV_INFRA)/installed $(VENV_CHECKOV)/installed $(VENV_DEPLOY)/installed $(VENV_CUSTODIAN)/installed:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than 3.11, which these tools need: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Every target in one selection: the AWS SDK for EC2 is compiled once, and demo, tests and checks share it.
.PHONY: build
build:
	$(CARGO) build $(LOCKED) --all-targets
