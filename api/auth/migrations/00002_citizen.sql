-- +goose Up
-- Optional accounts of citizens, apart from those of the staff. Nothing in here
-- can be read without the deployment's key file: addresses and codes are sealed,
-- accounts are found by a keyed hash of address and password together.

-- The secret of that hash, sealed. It does not change when keys rotate.
CREATE TABLE auth.citizen_key (
    single boolean PRIMARY KEY DEFAULT true CONSTRAINT citizen_key_is_one CHECK (single),
    key_id text  NOT NULL,
    sealed bytea NOT NULL
);

CREATE TABLE auth.citizen (
    id           uuid PRIMARY KEY,
    proof        bytea NOT NULL CONSTRAINT citizen_proof_is_unique UNIQUE
                 CONSTRAINT citizen_proof_is_hashed CHECK (length(proof) = 32),
    key_id       text  NOT NULL,
    sealed       bytea NOT NULL,
    created      date  NOT NULL,
    last_sign_in date  NOT NULL
);
CREATE INDEX citizen_last_sign_in ON auth.citizen (last_sign_in);
COMMENT ON TABLE auth.citizen IS 'nobody proves an address: any number of accounts may have the same one';
COMMENT ON COLUMN auth.citizen.proof IS 'HMAC-SHA256 with auth.citizen_key over address and argon2id of the password';
COMMENT ON COLUMN auth.citizen.sealed IS 'AEAD of the JSON of auth.Details, with the row''s id as associated data';
COMMENT ON COLUMN auth.citizen.last_sign_in IS 'the day, so that forgotten accounts go; never the time';

CREATE TABLE auth.citizen_session (
    token   bytea PRIMARY KEY CONSTRAINT citizen_session_token_is_hashed CHECK (length(token) = 32),
    id      text        NOT NULL CONSTRAINT citizen_session_id_is_unique UNIQUE,
    citizen uuid        NOT NULL REFERENCES auth.citizen ON DELETE CASCADE,
    device  text        NOT NULL DEFAULT '',
    created timestamptz NOT NULL,
    seen    timestamptz NOT NULL,
    ends    timestamptz NOT NULL,
    CONSTRAINT citizen_session_ends_after_it_began CHECK (created < ends)
);
CREATE INDEX citizen_session_citizen ON auth.citizen_session (citizen);
CREATE INDEX citizen_session_ends ON auth.citizen_session (ends);

-- Which appointments an account opens. The row goes with the personal data of
-- the appointment: then nobody knows any more who was there.
CREATE TABLE auth.citizen_appointment (
    citizen     uuid  NOT NULL REFERENCES auth.citizen ON DELETE CASCADE,
    appointment text  NOT NULL REFERENCES booking.appointment ON DELETE CASCADE,
    key_id      text  NOT NULL,
    sealed      bytea NOT NULL,
    PRIMARY KEY (citizen, appointment)
);
CREATE INDEX citizen_appointment_appointment ON auth.citizen_appointment (appointment);
COMMENT ON COLUMN auth.citizen_appointment.sealed IS 'AEAD of the appointment''s code, with both ids as associated data';
