-- +goose Up
-- Who of the staff may sign in, and who is signed in. No citizen is in here.
CREATE TABLE auth.account (
    id           text PRIMARY KEY CONSTRAINT account_id_is_a_sign_in_name
                 CHECK (id ~ '^[a-z0-9]+([.@_-][a-z0-9]+)*$' AND length(id) <= 60),
    name         text        NOT NULL CONSTRAINT account_has_a_name CHECK (name <> '' AND length(name) <= 200),
    password     text        NOT NULL DEFAULT '' CONSTRAINT account_password_is_hashed
                 CHECK (password = '' OR password LIKE '$argon2id$%'),
    must_change  boolean     NOT NULL DEFAULT false,
    totp         bytea,
    totp_new     bytea,
    totp_step    bigint      NOT NULL DEFAULT 0,
    roles        text[]      NOT NULL CONSTRAINT account_roles_are_known CHECK (roles <@ ARRAY
                 ['clerk', 'info_desk', 'gate', 'room_manager', 'planner', 'steward', 'administrator']),
    clerk        integer REFERENCES booking.clerk,
    office       text REFERENCES booking.office,
    site         text REFERENCES booking.site,
    active       boolean     NOT NULL DEFAULT true,
    created      timestamptz NOT NULL,
    last_sign_in date
);
COMMENT ON COLUMN auth.account.password IS 'argon2id in PHC form; empty: only single sign-on';
COMMENT ON COLUMN auth.account.totp IS 'sealed secret of RFC 6238; null: no second factor';
COMMENT ON COLUMN auth.account.totp_new IS 'sealed secret that waits for its first code';
COMMENT ON COLUMN auth.account.totp_step IS 'time step of the last code: it and all before are used up';
COMMENT ON COLUMN auth.account.last_sign_in IS 'the day, so that forgotten accounts are found; never the time';

CREATE TABLE auth.recovery (
    account text  NOT NULL REFERENCES auth.account ON UPDATE CASCADE ON DELETE CASCADE,
    code    bytea NOT NULL CONSTRAINT recovery_code_is_hashed CHECK (length(code) = 32),
    PRIMARY KEY (account, code)
);

CREATE TABLE auth.session (
    token   bytea PRIMARY KEY CONSTRAINT session_token_is_hashed CHECK (length(token) = 32),
    id      text        NOT NULL CONSTRAINT session_id_is_unique UNIQUE,
    account text        NOT NULL REFERENCES auth.account ON UPDATE CASCADE ON DELETE CASCADE,
    stage   text        NOT NULL CONSTRAINT session_stage_is_known CHECK (stage IN ('code', 'password', 'enrol', 'complete')),
    device  text        NOT NULL DEFAULT '',
    created timestamptz NOT NULL,
    seen    timestamptz NOT NULL,
    ends    timestamptz NOT NULL,
    CONSTRAINT session_ends_after_it_began CHECK (created < ends)
);
CREATE INDEX session_account ON auth.session (account);
CREATE INDEX session_ends ON auth.session (ends);

-- Sign-ins that did not succeed, by a hash of name, address or both.
CREATE TABLE auth.throttle (
    key      bytea PRIMARY KEY,
    failures integer     NOT NULL,
    last     timestamptz NOT NULL,
    until    timestamptz NOT NULL
);
CREATE INDEX throttle_last ON auth.throttle (last);

-- Single sign-on (OpenID Connect): whose subject is which account, and sign-ins
-- that have gone to the provider and not come back.
CREATE TABLE auth.identity (
    issuer  text NOT NULL,
    subject text NOT NULL,
    account text NOT NULL REFERENCES auth.account ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject),
    CONSTRAINT identity_is_one_per_account UNIQUE (issuer, account)
);
CREATE TABLE auth.handshake (
    cookie   bytea PRIMARY KEY CONSTRAINT handshake_cookie_is_hashed CHECK (length(cookie) = 32),
    state    text        NOT NULL,
    nonce    text        NOT NULL,
    verifier text        NOT NULL,
    next     text        NOT NULL,
    ends     timestamptz NOT NULL
);
CREATE INDEX handshake_ends ON auth.handshake (ends);
