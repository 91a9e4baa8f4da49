-- +goose Up
-- Proofs of work that were accepted: each counts once (S45). Nothing here
-- says who solved them.
CREATE TABLE booking.proof (
    hash    bytea PRIMARY KEY CONSTRAINT proof_hash_is_sha256 CHECK (length(hash) = 32),
    expires timestamptz NOT NULL
);
CREATE INDEX proof_expires ON booking.proof (expires);

-- The key with which all instances sign challenges. It guards nothing but a
-- few hundredths of a second of a computer's time.
CREATE TABLE booking.proof_key (
    one boolean PRIMARY KEY DEFAULT true CONSTRAINT proof_key_is_one_row CHECK (one),
    key bytea NOT NULL CONSTRAINT proof_key_is_long_enough CHECK (length(key) >= 32)
);
INSERT INTO booking.proof_key (key)
    VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
