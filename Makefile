# `make demo` and `make test` set themselves up: they need Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export UV_PYTHON_DOWNLOADS := never
# Else each of the many processes that tests and demo start would compile every module that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test chaos fuzz mutants lint types facts terraform-facts pulumi-facts secret-facts bench clean
help:  ## Say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 10

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else f"drift needs Python 3.11 or newer, this is {sys.version.split()[0]}; run make PYTHON=python3.11 (or newer)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'

$(VENV)/.demo-ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --inexact --no-dev --extra demo --python $(BIN)/python
	@touch $@

$(VENV)/.dev-ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --inexact --all-extras --python $(BIN)/python
	@touch $@ $(VENV)/.demo-ready

demo: $(VENV)/.demo-ready  ## A whole scan against loopback clouds; says where the report is
	@$(BIN)/drift demo

# Three at a time on two processors: what a cloud is slow to make is waited for.
test: $(VENV)/.dev-ready  ## All tests
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST)

chaos: $(VENV)/.dev-ready  ## All ways in which each call of each cloud can fail, and a run be ended; many examples
	$(BIN)/python -m pytest -n 2 -m 'chaos or hypothesis' --hypothesis-profile=many $(PYTEST)
	$(BIN)/python -m tests.chaos

# atheris is no dependency: it is not there for every system, and `make fuzz` does without.
fuzz: $(VENV)/.dev-ready  ## Malformed input for every reader, for an hour (FUZZ='--seconds 900 --reader arm')
	-@$(UV) pip install --quiet --python $(BIN)/python 'atheris>=3.0'
	$(BIN)/python -m tests.fuzz $(FUZZ)

mutants: $(VENV)/.dev-ready  ## A sample of small faults in the core, and which of them no test notices
	$(BIN)/python -m tests.mutants $(MUTANTS)

lint: $(VENV)/.dev-ready  ## Linters and the architecture's contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev-ready  ## Static types
	$(BIN)/mypy

facts: $(VENV)/.dev-ready  ## Compile the official schemas into the package's indexes
	$(BIN)/python -m providers.aws.compile_schemas
	$(BIN)/python -m providers.aws.compile_types
	$(BIN)/python -m providers.kubernetes.compile_schemas
	mkdir -p $(VENV)/google-protos && npm pack --silent --pack-destination $(VENV)/google-protos google-proto-files@5.0.3
	tar xzf $(VENV)/google-protos/google-proto-files-5.0.3.tgz -C $(VENV)/google-protos
	$(UV) pip install --quiet --python $(BIN)/python grpcio-tools
	$(BIN)/python -m providers.gcp.config_connector.compile_index $(VENV)/google-protos/package
	$(BIN)/python -m providers.gcp.config_connector.compile_enums $(VENV)/google-protos/package
	$(UV) pip install --quiet --no-deps --target $(VENV)/azure-models --requirements providers/azure/models.txt
	$(BIN)/python -m providers.azure.compile_models $(VENV)/azure-models

# What Terraform's providers say of their attributes, in several majors: of npm packages that are generated from
# their schemas, and of AWS 5 as `terraform providers schema -json` prints it (TERRAFORM_SCHEMAS, if given).
terraform-facts: $(VENV)/.dev-ready  ## Compile what Terraform's providers say of their attributes (needs npm)
	rm -rf $(VENV)/terraform && mkdir -p $(VENV)/terraform
	cd $(VENV)/terraform && npm pack --silent @cdktf/provider-aws@5.0.52 @cdktf/provider-aws@7.0.68 \
	  @cdktf/provider-aws@13.0.0 @cdktf/provider-aws@21.22.1 @cdktf/provider-azurerm@4.0.8 \
	  @cdktf/provider-azurerm@12.27.0 @cdktf/provider-azurerm@14.23.1 @cdktf/provider-google@4.0.5 \
	  @cdktf/provider-google@13.32.1 @cdktf/provider-google-beta@16.12.1 @cdktf/provider-google@16.12.1
	cd $(VENV)/terraform && ../bin/python -m drift.declared.terraform.compile_schemas \
	  ../../providers/aws/terraform_schemas.json.gz cdktf-provider-aws-5.0.52.tgz cdktf-provider-aws-7.0.68.tgz \
	  cdktf-provider-aws-13.0.0.tgz $(TERRAFORM_SCHEMAS) cdktf-provider-aws-21.22.1.tgz
	cd $(VENV)/terraform && ../bin/python -m drift.declared.terraform.compile_schemas \
	  ../../providers/azure/terraform_schemas.json.gz cdktf-provider-azurerm-4.0.8.tgz \
	  cdktf-provider-azurerm-12.27.0.tgz cdktf-provider-azurerm-14.23.1.tgz
	cd $(VENV)/terraform && ../bin/python -m drift.declared.terraform.compile_schemas \
	  ../../providers/gcp/terraform_schemas.json.gz cdktf-provider-google-4.0.5.tgz \
	  cdktf-provider-google-13.32.1.tgz cdktf-provider-google-beta-16.12.1.tgz cdktf-provider-google-16.12.1.tgz

# Which Terraform type a type of a bridged Pulumi package stands for: of npm packages, and of what the bridges keep
# themselves (provider/cmd/pulumi-resource-NAME/bridge-metadata.json in their repositories), if given.
pulumi-facts: $(VENV)/.dev-ready  ## Compile which Terraform types Pulumi's are (needs npm; after terraform-facts)
	rm -rf $(VENV)/pulumi && mkdir -p $(VENV)/pulumi
	cd $(VENV)/pulumi && npm pack --silent @pulumi/aws@7.48.0 @pulumi/azure@6.40.0 @pulumi/gcp@9.37.0
	for said in aws:aws_:aws azure:azurerm_:azure gcp:google_:gcp; do IFS=: read -r cloud prefix name <<< $$said; \
	  $(BIN)/python -m drift.declared.pulumi.compile_types providers/$$cloud/pulumi_types.json.gz \
	  providers/$$cloud/terraform_schemas.json.gz $$prefix $(VENV)/pulumi/pulumi-$$name-[0-9]*.tgz \
	  $(wildcard $(PULUMI_BRIDGES)/pulumi-$$name-bridge-metadata.json); done

secret-facts: $(VENV)/.dev-ready  ## Compile what vendors' tokens look like (GITLEAKS: a checkout of gitleaks)
	$(BIN)/python -m drift.redaction.compile_vendors $(GITLEAKS)/config/gitleaks.toml

bench: $(VENV)/.dev-ready  ## Speed, as ratios in one run
	$(BIN)/python -m tests.bench $(BENCH)

pictures: $(VENV)/.dev-ready demo  ## The README's picture of the report, from the demo (needs Chromium)
	$(BIN)/python -m tests.pictures

clean:  ## Remove what the other targets made
	rm -rf $(VENV) demo runs .mypy_cache .ruff_cache .pytest_cache .hypothesis .fuzz .import_linter_cache dist
