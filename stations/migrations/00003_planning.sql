-- +goose Up
-- Scenarios of the planners, their runs, and test phases (package planning).
CREATE TABLE stations.scenario (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text        NOT NULL CONSTRAINT scenario_has_a_name CHECK (name <> '' AND length(name) <= 200),
    note       text        NOT NULL DEFAULT '',
    definition jsonb       NOT NULL,
    revision   integer     NOT NULL DEFAULT 1,
    author     text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    archived_at timestamptz
);
COMMENT ON COLUMN stations.scenario.author IS 'name of the account, for colleagues; never published';
COMMENT ON COLUMN stations.scenario.revision IS 'counts changes: who saves an older one is told';

-- A run answers one question about one revision of a scenario. Its inputs are
-- kept, so that every number can be worked out again.
CREATE TABLE stations.run (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    scenario     uuid        NOT NULL REFERENCES stations.scenario,
    revision     integer     NOT NULL,
    purpose      text        NOT NULL CONSTRAINT run_purpose_is_known CHECK (purpose IN ('solve', 'curve', 'price', 'stability')),
    definition   jsonb       NOT NULL,
    question     jsonb       NOT NULL DEFAULT '{}',
    state        text        NOT NULL CONSTRAINT run_state_is_known
                 CHECK (state IN ('queued', 'running', 'done', 'infeasible', 'failed', 'dismissed')),
    progress     jsonb       NOT NULL DEFAULT '{}',
    result       jsonb,
    inputs       bytea,
    inputs_hash  text        NOT NULL DEFAULT '',
    certificate  bytea,
    error        jsonb,
    attempts     integer     NOT NULL DEFAULT 0,
    queued_at    timestamptz NOT NULL,
    started_at   timestamptz,
    alive_at     timestamptz,
    ended_at     timestamptz,
    published_at timestamptz,
    CONSTRAINT run_that_ended_has_an_end CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL)),
    CONSTRAINT run_that_is_done_has_a_result CHECK (state NOT IN ('done', 'infeasible') OR result IS NOT NULL)
);
CREATE INDEX run_scenario ON stations.run (scenario, queued_at);
CREATE INDEX run_open ON stations.run (queued_at) WHERE state IN ('queued', 'running');
COMMENT ON COLUMN stations.run.inputs IS 'gzip of the problem as JSON (siting/instance), named by its SHA-256';
COMMENT ON COLUMN stations.run.alive_at IS 'last sign of life of the instance that works on it';
COMMENT ON COLUMN stations.run.question IS 'price: the site that is forced; stability: number of draws and seed; curve: first and last p';

CREATE TABLE stations.test_phase (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name      text NOT NULL CONSTRAINT test_phase_has_a_name CHECK (name <> ''),
    run       uuid REFERENCES stations.run,
    first_day date NOT NULL,
    last_day  date NOT NULL,
    targets   jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    CONSTRAINT test_phase_has_days CHECK (first_day <= last_day)
);
COMMENT ON COLUMN stations.test_phase.targets IS 'per stop: predicted visitors per opening day and the width of the warning band';

CREATE TABLE stations.visit_count (
    visit        text PRIMARY KEY REFERENCES stations.visit,
    appointments integer NOT NULL CONSTRAINT visit_count_appointments_not_negative CHECK (appointments >= 0),
    walk_ins     integer NOT NULL CONSTRAINT visit_count_walk_ins_not_negative CHECK (walk_ins >= 0),
    no_shows     integer NOT NULL DEFAULT 0,
    counted_at   timestamptz NOT NULL
);
COMMENT ON TABLE stations.visit_count IS 'how many came to a visit; written by the booking room, numbers only';
