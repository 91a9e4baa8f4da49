-- +goose Up
-- A row that a person has settled is found again when it is delivered again.
CREATE INDEX quarantine_settled ON ingest.quarantine (dataset, key, reason_key, hash) WHERE state <> 'open';
-- Both sides of what the sweeper asks.
CREATE INDEX quarantine_by_first_run ON ingest.quarantine (first_run);
CREATE INDEX quarantine_by_last_run ON ingest.quarantine (last_run);
