# Spiegel: `make demo` shows the main job, `make test` proves it. Each sets up all it needs, once.
.PHONY: demo test lint format bench run check demo-call train lock clean screenshots docs .venv help
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT ?= demo-out
SPEED ?= 1

# Debian's packages: what the window and the sound need, and what the tests start for real.
RUN_PACKAGES := python3-venv libglib2.0-0 libegl1 libgl1 libopengl0 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 \
  libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 \
  libwayland-cursor0 libwayland-egl1 libpulse0 fonts-inter fonts-dejavu-core
TEST_PACKAGES := git xvfb openbox xdotool x11-utils pulseaudio-utils dbus
# Both sound servers, each for tests of its own; not where there is a screen, whose sound they would take over.
ifeq ($(DISPLAY)$(WAYLAND_DISPLAY),)
TEST_PACKAGES += pulseaudio pipewire pipewire-pulse wireplumber
endif

help: ## this list
	@awk -F':.*## ' '/^[a-z.-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Installs the Debian packages in $(1) that are missing; prints the line to run where it may not.
define debian
	@command -v dpkg-query >/dev/null || { echo "Not a Debian system; it needs what corresponds to: $(1)"; exit 0; }; \
	have=" $$(dpkg-query -W -f='$${db:Status-Abbrev} $${Package} $${Provides}\n' | grep '^ii' | tr '\n,(' '   ') "; \
	missing=""; for p in $(1); do case "$$have" in *" $$p "*) ;; *) missing="$$missing $$p";; esac; done; \
	[ -n "$$missing" ] || exit 0; \
	line="apt-get update && apt-get install -y --no-install-recommends$$missing"; \
	if [ "$$(id -u)" = 0 ]; then sudo=""; elif sudo -n true 2>/dev/null; then sudo="sudo -n"; else \
	  echo "Spiegel needs Debian packages that only root can install. Run this once, then make again:"; \
	  echo "  sudo sh -c '$$line'"; exit 1; fi; \
	echo "Installing Debian packages:$$missing"; \
	$$sudo sh -c "export DEBIAN_FRONTEND=noninteractive; { $$line; } >/dev/null" || \
	  { echo "That failed. Run it by hand to see why:  $$line"; exit 1; }
endef

system-run:
	$(call debian,$(RUN_PACKAGES))

system-test: system-run
	$(call debian,$(TEST_PACKAGES))

.PHONY: system-run system-test

.venv: $(READY) ## the Python environment alone, with .venv/bin/spiegel

$(READY): requirements.lock pyproject.toml | system-run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Spiegel needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making the Python environment in $(VENV) (a minute or two the first time) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) system-run ## a whole call: words, mood and cues in the overlay (CALL=recording, SPEED=2, OUT=dir)
	@$(BIN)/spiegel demo $(if $(CALL),--call "$(CALL)") --speed $(SPEED) --out "$(OUT)"

run: $(READY) ## on your own headset: server, capture and overlay
	@$(BIN)/spiegel run

check: $(READY) ## what works on this machine
	@$(BIN)/spiegel check

test: $(READY) system-test ## every test
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest $(ARGS)

lint: $(READY) ## ruff, pyright strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

format: $(READY) ## let ruff put the code in shape
	@$(BIN)/ruff check --fix-only -q .
	@$(BIN)/ruff format -q .

bench: $(READY) ## measure delays, words, speed and memory (about twenty minutes)
	@$(BIN)/python -m benchmarks

demo-call: $(READY) ## speak the demo call and the recognisers' check clip again (needs Debian's flite)
	$(call debian,flite)
	@$(BIN)/python docs/demo_call/make_demo_call.py
	@$(BIN)/python docs/demo_call/make_check_clip.py

train: $(READY) ## train the sentiment model from DATA (default ../shared/data; minutes)
	@[ -e build/train/.ready ] || { echo "Making an environment with PyTorch in build/train ..." && \
	  $(PYTHON) -m venv build/train && build/train/bin/pip install -q --disable-pip-version-check 'torch==2.13.0' 'scikit-learn>=1.5' && \
	  $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	    > "$$(build/train/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/spiegel.pth" && \
	  touch build/train/.ready; }
	@build/train/bin/python -m onnx_models.train $(if $(DATA),--data "$(DATA)")

docs: $(READY) ## write the generated pages anew (JSON Schema)
	@$(BIN)/python -m server.schema docs/schema

screenshots: $(READY) system-run ## draw every screen of the overlay into build/screenshots, and those of the docs
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m overlay.gallery build/screenshots
	@mkdir -p docs/images
	@cp build/screenshots/light/en/in-call-cue-why.png docs/images/in-call.png
	@cp build/screenshots/light/en/ready-nominated.png docs/images/ready.png
	@cp build/screenshots/light/en/wrap-up.png docs/images/wrap-up.png
	@cp build/screenshots/dark/nl/in-call-cue-why.png docs/images/in-call-dark-nl.png

lock: ## resolve the dependencies anew, with hashes and without addresses (needs uv)
	uv pip compile -q --universal --python-version 3.11 --extra test --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate pyproject.toml -o requirements.lock

clean: ## remove what was made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis demo-out
