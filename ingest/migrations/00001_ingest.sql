-- +goose Up
-- Runs of imports, what they could not use, and sources with a schedule.
CREATE TABLE ingest.run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset     text        NOT NULL,
    source      text        NOT NULL,
    format      text        NOT NULL DEFAULT '',
    options     jsonb       NOT NULL DEFAULT '{}',
    actor       text        NOT NULL,
    started     timestamptz NOT NULL DEFAULT now(),
    ended       timestamptz,
    state       text        NOT NULL DEFAULT 'running'
                CONSTRAINT run_state_is_known CHECK (state IN ('running', 'done', 'refused', 'interrupted')),
    version     integer,
    read        bigint      NOT NULL DEFAULT 0,
    quarantined bigint      NOT NULL DEFAULT 0,
    repaired    bigint      NOT NULL DEFAULT 0,
    error_key   text,
    error_args  jsonb,
    CONSTRAINT run_ends_when_not_running CHECK ((state = 'running') = (ended IS NULL))
);
CREATE INDEX run_by_dataset ON ingest.run (dataset, id DESC);

CREATE TABLE ingest.quarantine (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset     text        NOT NULL,
    first_run   bigint      NOT NULL REFERENCES ingest.run,
    last_run    bigint      NOT NULL REFERENCES ingest.run,
    seen        integer     NOT NULL DEFAULT 1,
    file        text        NOT NULL,
    line        bigint      NOT NULL,
    feature     bigint      NOT NULL,
    byte_offset bigint      NOT NULL,
    byte_length bigint      NOT NULL,
    key         text        NOT NULL,
    reason_key  text        NOT NULL,
    reason_args jsonb       NOT NULL,
    original    bytea       NOT NULL,
    header      bytea       NOT NULL DEFAULT '',
    hash        bytea       GENERATED ALWAYS AS (sha256(original)) STORED,
    state       text        NOT NULL DEFAULT 'open'
                CONSTRAINT quarantine_state_is_known CHECK (state IN ('open', 'solved', 'dismissed')),
    created     timestamptz NOT NULL DEFAULT now()
);
-- A row that arrives broken every day is one entry that counts.
CREATE UNIQUE INDEX quarantine_once ON ingest.quarantine (dataset, key, reason_key, hash) WHERE state = 'open';

CREATE TABLE ingest.repair (
    run     bigint NOT NULL REFERENCES ingest.run,
    key     text   NOT NULL,
    fault   text   NOT NULL,
    PRIMARY KEY (run, key)
);

CREATE TABLE ingest.source (
    id       text PRIMARY KEY,
    dataset  text        NOT NULL,
    url      text        NOT NULL,
    options  jsonb       NOT NULL DEFAULT '{}',
    every    interval    NOT NULL CONSTRAINT source_not_more_than_every_minute CHECK (every >= interval '1 minute'),
    enabled  boolean     NOT NULL DEFAULT true,
    next_run timestamptz NOT NULL DEFAULT now(),
    created  timestamptz NOT NULL DEFAULT now()
);
