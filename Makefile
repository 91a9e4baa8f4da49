# make run    install what is missing, build, and serve the demo town on 127.0.0.1:8080
# make test   everything continuous integration runs
# make bench  measurements, about two minutes; "x" is the ratio to a limit measured in the same run
# make check  the fast part of the tests: format, vet, types, unit

GO      ?= go
LISTEN  ?= 127.0.0.1:8080
export CGO_ENABLED = 0
# Go may write its build cache for a user without a home folder.
export GOFLAGS += -trimpath

WEB   = api/web/node_modules/.stamp
PEERS = publish/testdata/peers/node_modules/.stamp
DIST  = api/web/dist/manifest.json
GOSRC = $(shell find . -name node_modules -prune -o \( -name '*.go' -o -name '*.sql' -o -name '*.html' -o -name '*.json' \) -print 2>/dev/null | grep -v '/testdata/') go.mod go.sum

.PHONY: run test check build bench clean
run: packages-run build
	@exec bin/ortsnah demo --listen $(LISTEN)

build: $(DIST) bin/ortsnah

bin/ortsnah: $(DIST) $(GOSRC)
	$(GO) build -o $@ ./cmd/ortsnah

test: packages-test build $(PEERS)
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	$(GO) vet ./...
	npm --prefix api/web run --silent check
	$(GO) test -count=1 -timeout 20m -p 2 ./...

check: $(DIST)
	$(GO) vet ./...
	$(GO) test -short ./...

bench: build
	@# one package at a time, so that nothing but the benchmark is running
	$(GO) test -p 1 -timeout 5m -run '^$$' -bench . -benchmem $$(git grep -l '^func Benchmark' -- '*_test.go' | xargs -n 1 dirname | sort -u | sed 's|^|./|')

clean:
	rm -rf bin api/web/dist/[!.]* api/web/node_modules publish/testdata/peers/node_modules

.PHONY: packages-run packages-test
packages-run:
	@.ci/install run
packages-test:
	@.ci/install test

$(WEB): api/web/package-lock.json
	@.ci/install run
	npm --prefix api/web ci --no-audit --no-fund --loglevel=error
	@touch $@
$(PEERS): publish/testdata/peers/package-lock.json
	npm --prefix publish/testdata/peers ci --no-audit --no-fund --loglevel=error
	@touch $@
$(DIST): $(WEB) $(shell find api/web/src api/web/vite.config.js api/web/templates api/web/tsconfig.json -type f 2>/dev/null)
	npm --prefix api/web run --silent build
	@touch $@
