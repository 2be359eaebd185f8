# How functions and layers are built, once: `sam build` runs the build-<LogicalId> targets for Lambda (BuildMethod:
# makefile), `make build-host` runs the same ones for this machine. Both say where to by ARTIFACTS_DIR.

TARGET ?= lambda
BUILD := .build
THIRD_PARTY = $(BUILD)/third-party/$(TARGET)
BUILD_PYTHON := $(VENV)/bin/python

# The platform of the functions in template.yaml. Lambda's python3.13 runs on Amazon Linux 2023 (glibc 2.34).
LAMBDA_PYTHON := 3.13
PIP_lambda := --platform manylinux_2_28_aarch64 --platform manylinux2014_aarch64 --implementation cp \
  --python-version $(LAMBDA_PYTHON) --only-binary=:all:
PIP_host :=

# Bytecode: a function cannot write any, and importing without costs five times as much. `unchecked-hash`, since a zip
# keeps no trustworthy file times. Only the same Python version can write it: for Lambda that one must be installed.
# $(1): what to compile, $(2): the folder that it stands in once it is deployed, for stack traces.
COMPILE := -m compileall -q -j 0 --invalidation-mode unchecked-hash
compile_host = $(BUILD_PYTHON) $(COMPILE) $(1)
compile_lambda = if python$(LAMBDA_PYTHON) -c '' 2>/dev/null; \
  then python$(LAMBDA_PYTHON) $(COMPILE) -s $(1) -p $(2) $(1); \
  else echo "$(notdir $(1)) without bytecode, it will start slower: there is no python$(LAMBDA_PYTHON) here."; fi

# functions/move_account -> MoveAccountFunction=move_account
FOLDERS := $(patsubst functions/%/app.py,%,$(wildcard functions/*/app.py))
FUNCTIONS := $(shell printf '%s\n' $(FOLDERS) | awk -F_ 'NF { id = ""; \
  for (i = 1; i <= NF; i++) id = id toupper(substr($$i, 1, 1)) substr($$i, 2); print id "Function=" $$0 }')
FUNCTION_IDS := $(foreach pair,$(FUNCTIONS),$(firstword $(subst =, ,$(pair))))
folder = $(patsubst $(1)=%,functions/%,$(filter $(1)=%,$(FUNCTIONS)))

$(FUNCTION_IDS:%=build-%): build-%:
	@mkdir -p $(ARTIFACTS_DIR)
	@cp -R $(call folder,$*)/. $(ARTIFACTS_DIR)
	@find $(ARTIFACTS_DIR) -name __pycache__ -prune -exec rm -rf {} +
	@$(call compile_$(TARGET),$(ARTIFACTS_DIR),/var/task)

build-VendingLayer: $(BUILD)/stamps/third-party-$(TARGET)
	$(BUILD_PYTHON) tools/build_layer.py $(THIRD_PARTY) $(ARTIFACTS_DIR)/python
	@$(call compile_$(TARGET),$(ARTIFACTS_DIR)/python,/opt/python)

build-CatalogLayer:
	$(BUILD_PYTHON) -m avm.catalog layers/catalog/catalog
	@mkdir -p $(ARTIFACTS_DIR)
	@cp -R layers/catalog/catalog $(ARTIFACTS_DIR)/catalog

# Third-party packages change with their lock only.
$(BUILD)/stamps/third-party-$(TARGET): requirements/layer.txt build.mk | $(VENV)/.local
	rm -rf $(THIRD_PARTY)
	$(BUILD_PYTHON) -m pip install --quiet --no-deps --require-hashes --no-compile $(PIP_$(TARGET)) \
	  --target $(THIRD_PARTY) -r requirements/layer.txt
	mkdir -p $(@D) && touch $@

# ---- for this machine, each part only when its own files changed -----------------------------------------------------
HOST_PARTS := $(FUNCTION_IDS) VendingLayer CatalogLayer
# Folders are among the files: theirs is the time that changes when a file is deleted.
files = $(shell find $(1) -name __pycache__ -prune -o -print)

define host_part
$(BUILD)/stamps/host-$(1): build.mk $$(call files,$(2)) | $(VENV)/.local
	@echo "building $(1)"
	@rm -rf $(BUILD)/host/$(1)
	@$$(MAKE) --no-print-directory --silent build-$(1) TARGET=host ARTIFACTS_DIR=$(BUILD)/host/$(1)
	@mkdir -p $$(@D) && touch $$@
endef
$(foreach id,$(FUNCTION_IDS),$(eval $(call host_part,$(id),$(call folder,$(id)))))
$(eval $(call host_part,VendingLayer,layers/vending tools/build_layer.py requirements/layer.txt))
$(eval $(call host_part,CatalogLayer,layers/catalog layers/vending/avm/catalog layers/vending/avm/domain))

build-host: $(HOST_PARTS:%=$(BUILD)/stamps/host-%)
