# Each line: what it does, then the command. `make lab` and `make test` need Python 3.11 or later and nothing else.
PYTHON ?= python3
NB ?= $(wildcard notebooks/0*.ipynb notebooks/labs/0*.ipynb)
PIP = -m pip install --quiet --disable-pip-version-check
HERE = .venv/bin/python
COLAB = .venv-colab/bin/python
PEERS = .venv-peers/bin/python
PAGES = .venv-site/bin/python
PYTEST = -m pytest -n 2 --dist loadscope -p nbval --nbval --nbval-sanitize-with tests/nbval.cfg
COMPILE = .venv-lock/bin/uv pip compile --universal --python-version 3.11 --fork-strategy fewest --quiet \
          --annotation-style line --custom-compile-command "make lock" $(UP)
# torch and torchvision are built for each kind of processor and published in several places: pip takes what fits here.
HASHES = .venv-lock/bin/uv pip compile --universal --python-version 3.11 --quiet --no-deps --no-annotate \
         --generate-hashes --no-emit-package torch --no-emit-package torchvision --custom-compile-command "make lock"
ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)
LAB = --ServerApp.root_dir=. --LabApp.app_settings_dir=tools/lab  # no question about news over the first page
SCREEN = $(if $(filter Darwin,$(shell uname))$(DISPLAY)$(WAYLAND_DISPLAY),,--no-browser)
.PHONY: help lab test quick check browser colab site site-serve site-check site-test fuzz bench peers notebooks glossary layers address format lock clean
test quick browser colab site site-check site-test fuzz bench peers notebooks: export OMP_NUM_THREADS = 1
test quick browser colab site site-check site-test fuzz bench peers notebooks: export OPENBLAS_NUM_THREADS = 1
colab: export PYDEVD_DISABLE_FILE_VALIDATION = 1  # IPython 7 on Python 3.11 warns of its own debugger

help:                          ## these lines
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 12
lab: .venv/workspaces          ## JupyterLab on the start page
	$(HERE) -m jupyter lab $(ROOT) $(SCREEN) $(LAB) --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb
test: check                    ## lint, types, then every test, doctest and notebook (outputs compared)
	$(HERE) $(PYTEST) --doctest-modules tests cnnkit notebooks --ignore tests/browser --ignore tests/site
quick: .venv/ready             ## the tests without notebooks and without what is slow, in a minute
	HYPOTHESIS_PROFILE=quick $(HERE) -m pytest -n 2 -q -m "not slow" tests --ignore tests/browser --ignore tests/site
check: .venv/ready             ## lint, format, types
	$(HERE) -m ruff check
	$(HERE) -m ruff format --check
	$(HERE) -m mypy
browser: .venv/ready           ## JupyterLab in headless Chromium, every slider moved
	$(HERE) -m pytest -n 2 --dist loadgroup tests/browser
colab: .venv-colab/ready       ## every notebook and explorer on Colab's versions
	$(COLAB) $(PYTEST) notebooks tests/course/test_explorers.py tests/course/test_predictions.py tests/course/kit/test_view.py
site: .venv-site/ready         ## the course as pages in _site, from the stored notebooks (ZIP=--zip: also for a classroom)
	$(PAGES) -m tools.site $(ZIP)
site-serve: site               ## the pages at http://127.0.0.1:8000
	$(PAGES) -m tools.site --serve
site-check: site .venv/ready   ## the pages as files: links, HTML, bytes, words
	$(HERE) -m pytest -n 2 --dist loadgroup tests/site/test_pages.py tests/site/test_html.py
site-test: site .venv/ready    ## the pages in headless Chromium: links, HTML, axe, phone, keyboard, bytes
	$(HERE) -m pytest -n 2 --dist loadgroup tests/site
fuzz: .venv/ready              ## 10,000 random cases an operation against torch
	HYPOTHESIS_PROFILE=fuzz $(HERE) -m pytest -n 2 --dist worksteal tests/test_operations.py
bench: .venv/ready             ## the README's performance table
	$(HERE) -m benchmarks
peers: .venv-peers/ready       ## ONNX's and PyTorch's own tests, and the README's table of them
	$(PEERS) -m tests.peers --write
notebooks: .venv/ready         ## run the notebooks (NB=one.ipynb: that one) and write them back normalised
	$(HERE) -m tools.notebooks $(NB)
glossary: .venv/ready          ## docs/glossary.md from the terms in the package
	$(HERE) -c "from cnnkit.course.glossary import glossary; print(glossary(), end='')" > docs/glossary.md
layers: .venv/ready            ## docs/layers.md from the functions' docstrings and the notebooks that call them
	$(HERE) -m tools.layers
address:                       ## the repository's address (URL=…, or git's origin) into every notebook and page
	@$(PYTHON) tools/python_fits.py
	@$(PYTHON) tools/address.py "$$URL" --site "$$SITE"
format: .venv/ready            ## put the code into the project's form
	$(HERE) -m ruff check --fix
	$(HERE) -m ruff format
lock: .venv-lock/ready         ## pyproject.toml's ranges to exact versions (UP=--upgrade: the newest)
	$(COMPILE) pyproject.toml --extra course --extra test --output-file requirements.txt
	$(COMPILE) requirements-colab.in --output-file requirements-colab.txt
	$(HASHES) requirements.txt --output-file requirements-hashes.txt
	$(HASHES) requirements-colab.txt --output-file requirements-colab-hashes.txt
clean:                         ## remove the environments and caches
	rm -rf .venv .venv-colab .venv-lock .venv-peers .venv-site _site .pytest_cache .ruff_cache .mypy_cache .hypothesis

.venv/ready: requirements.txt requirements-hashes.txt pyproject.toml
	@$(PYTHON) tools/python_fits.py
	@echo "Installing into .venv: some minutes the first time, not at all the next."
	$(PYTHON) -m venv .venv
	$(HERE) $(PIP) --require-hashes --no-deps -r requirements-hashes.txt
	$(HERE) $(PIP) -r requirements.txt  # torch and torchvision are left
	$(HERE) $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
.venv/workspaces: export JUPYTERLAB_WORKSPACES_DIR = .venv/workspaces
lab: export JUPYTERLAB_WORKSPACES_DIR = .venv/workspaces
.venv/workspaces: .venv/ready  # the list of files folded, until somebody opens it
	@$(HERE) -m jupyter lab workspaces import tools/lab/workspace.json 2> /dev/null
	@touch $@
.venv-colab/ready: requirements-colab.txt requirements-colab-hashes.txt pyproject.toml
	@$(PYTHON) tools/python_fits.py
	$(PYTHON) -m venv .venv-colab
	$(COLAB) $(PIP) --require-hashes --no-deps -r requirements-colab-hashes.txt
	$(COLAB) $(PIP) -r requirements-colab.txt
	$(COLAB) $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
.venv-peers/ready: requirements.txt pyproject.toml
	@$(PYTHON) tools/python_fits.py
	$(PYTHON) -m venv .venv-peers
	$(PEERS) $(PIP) -r requirements.txt
	$(PEERS) $(PIP) --no-build-isolation --constraint requirements.txt --editable ".[peers]"
	@touch $@
.venv-site/ready: requirements.txt pyproject.toml
	@$(PYTHON) tools/python_fits.py
	$(PYTHON) -m venv .venv-site
	$(PAGES) $(PIP) --constraint requirements.txt --editable ".[site]"
	@touch $@
.venv-lock/ready:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python $(PIP) uv
	@touch $@
