-- +goose Up
-- What instances need to work on runs together, and what a page that is
-- opened late needs to draw the whole search.
ALTER TABLE stations.run
    ADD COLUMN worker uuid,
    ADD COLUMN stage  integer NOT NULL DEFAULT 0,
    ADD COLUMN wanted jsonb;
COMMENT ON COLUMN stations.run.worker IS 'which claim works on it: one that was thought dead cannot write any more';
COMMENT ON COLUMN stations.run.stage IS 'number of the last event';

COMMENT ON COLUMN stations.run.wanted IS 'outputs that the program which started it asked for';

CREATE TABLE stations.run_event (
    run      uuid        NOT NULL REFERENCES stations.run ON DELETE CASCADE,
    number   integer     NOT NULL,
    at       timestamptz NOT NULL,
    state    text        NOT NULL,
    progress jsonb       NOT NULL,
    PRIMARY KEY (run, number)
);
COMMENT ON TABLE stations.run_event IS 'progress of a run, at most four rows a second; id of its server-sent events';
