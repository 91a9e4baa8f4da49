-- +goose Up
CREATE TABLE booking.appointment (
    id         text PRIMARY KEY CONSTRAINT appointment_id_is_a_reference CHECK (id ~ '^[0-9A-HJKMNP-TV-Z]{8}$'),
    token_hash bytea       NOT NULL CONSTRAINT appointment_token_is_hashed CHECK (length(token_hash) = 32),
    state      text        NOT NULL CONSTRAINT appointment_state_is_known CHECK
               (state IN ('hold', 'booked', 'arrived', 'called', 'in_service', 'done', 'no_show', 'cancelled', 'expired')),
    channel    text        NOT NULL CONSTRAINT appointment_channel_is_known CHECK (channel IN ('counter', 'phone', 'video', 'mobile')),
    via        text        NOT NULL CONSTRAINT appointment_via_is_known CHECK (via IN ('web', 'phone', 'desk')),
    persons    integer     NOT NULL CONSTRAINT appointment_persons_are_some CHECK (persons BETWEEN 1 AND 100),
    step_free  boolean     NOT NULL DEFAULT false,
    office     text        NOT NULL REFERENCES booking.office,
    site       text        REFERENCES booking.site,
    stop       text        REFERENCES stations.stop,
    station_day bigint     REFERENCES booking.station_day,
    zone       text        NOT NULL,
    wall_start timestamp   NOT NULL,
    starts     timestamptz NOT NULL,
    ends       timestamptz NOT NULL,
    lang       text        NOT NULL DEFAULT 'de' CONSTRAINT appointment_lang_is_spoken CHECK (lang IN ('de', 'en')),
    hold_until timestamptz,
    replaces   text        REFERENCES booking.appointment ON DELETE SET NULL,
    wish       bigint,
    created_at timestamptz NOT NULL,
    booked_at  timestamptz,
    arrived_at timestamptz,
    called_at  timestamptz,
    served_at  timestamptz,
    ended_at   timestamptz,
    ended_by   text        NOT NULL DEFAULT '' CONSTRAINT appointment_ended_by_is_known CHECK (ended_by IN ('', 'citizen', 'town', 'program')),
    CONSTRAINT appointment_starts_before_it_ends CHECK (starts < ends),
    CONSTRAINT appointment_promise_is_one_moment CHECK (starts AT TIME ZONE zone = wall_start),
    CONSTRAINT appointment_place_fits CHECK (CASE channel WHEN 'counter' THEN site IS NOT NULL AND stop IS NULL AND station_day IS NULL
        WHEN 'mobile' THEN site IS NULL AND stop IS NOT NULL AND station_day IS NOT NULL ELSE stop IS NULL AND station_day IS NULL END),
    CONSTRAINT appointment_hold_ends CHECK ((state = 'hold') = (hold_until IS NOT NULL)),
    CONSTRAINT appointment_was_booked CHECK (CASE WHEN state IN ('hold', 'expired') THEN booked_at IS NULL
        WHEN state = 'cancelled' THEN true ELSE booked_at IS NOT NULL END),
    CONSTRAINT appointment_has_arrived CHECK ((arrived_at IS NOT NULL) = (state IN ('arrived', 'called', 'in_service', 'done'))),
    CONSTRAINT appointment_was_called CHECK (CASE WHEN state IN ('called', 'in_service') THEN called_at IS NOT NULL
        WHEN state = 'done' THEN true ELSE called_at IS NULL END),
    CONSTRAINT appointment_is_served CHECK (CASE state WHEN 'in_service' THEN served_at IS NOT NULL WHEN 'done' THEN true ELSE served_at IS NULL END),
    CONSTRAINT appointment_has_ended CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'no_show', 'cancelled', 'expired'))),
    CONSTRAINT appointment_end_has_an_author CHECK ((ended_by <> '') = (ended_at IS NOT NULL))
);
CREATE INDEX appointment_starts ON booking.appointment (starts);
CREATE INDEX appointment_held ON booking.appointment (hold_until) WHERE state = 'hold';
CREATE INDEX appointment_station_day ON booking.appointment (station_day) WHERE station_day IS NOT NULL;
CREATE INDEX appointment_replaces ON booking.appointment (replaces) WHERE replaces IS NOT NULL;
COMMENT ON COLUMN booking.appointment.token_hash IS 'SHA-256 of the bearer token that opens it; the token itself is nowhere stored';
COMMENT ON COLUMN booking.appointment.wall_start IS 'the promise: this wall time in zone, which is starts';
COMMENT ON COLUMN booking.appointment.replaces IS 'an alternative that the town holds for this cancelled appointment; it has the same token';

-- Which states may follow each other is more than a CHECK can see.
-- +goose StatementBegin
CREATE FUNCTION booking.appointment_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> NEW.state AND NOT (CASE OLD.state
        WHEN 'hold'       THEN NEW.state IN ('booked', 'cancelled', 'expired')
        WHEN 'booked'     THEN NEW.state IN ('arrived', 'no_show', 'cancelled')
        WHEN 'arrived'    THEN NEW.state IN ('called', 'in_service', 'done', 'booked')
        WHEN 'called'     THEN NEW.state IN ('in_service', 'done', 'arrived')
        WHEN 'in_service' THEN NEW.state = 'done'
        ELSE false END) THEN
        RAISE EXCEPTION 'appointment %: % does not follow %', OLD.id, NEW.state, OLD.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_goes_forward';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER appointment_goes_forward BEFORE UPDATE OF state ON booking.appointment
    FOR EACH ROW EXECUTE FUNCTION booking.appointment_goes_forward();

-- Chained concerns of one appointment, in their order.
CREATE TABLE booking.part (
    appointment text        NOT NULL REFERENCES booking.appointment ON DELETE CASCADE,
    position    integer     NOT NULL CONSTRAINT part_position_is_positive CHECK (position >= 1),
    concern     text        NOT NULL REFERENCES booking.concern,
    team        text        NOT NULL REFERENCES booking.team,
    clerk       integer     NOT NULL REFERENCES booking.clerk,
    starts      timestamptz NOT NULL,
    ends        timestamptz NOT NULL,
    PRIMARY KEY (appointment, position),
    CONSTRAINT part_starts_before_it_ends CHECK (starts < ends)
);
CREATE INDEX part_clerk ON booking.part (clerk, starts);

-- Desks are booked by staff for a local day.
CREATE TABLE booking.desk_booking (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text   NOT NULL,
    day     date   NOT NULL,
    desk    integer REFERENCES booking.resource,
    wished_at timestamptz NOT NULL,
    CONSTRAINT desk_booking_is_one_per_day UNIQUE (account, day)
);
COMMENT ON COLUMN booking.desk_booking.desk IS 'null: on the list, in the order of wished_at';

-- The one guard against double booking (rule 1). Everything that occupies a
-- resource is a row here; every writer goes through it.
CREATE TABLE booking.claim (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resource     integer   NOT NULL REFERENCES booking.resource,
    during       tstzrange NOT NULL CONSTRAINT claim_is_bounded_and_half_open CHECK
                 (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    appointment  text   REFERENCES booking.appointment ON DELETE CASCADE,
    station_day  bigint REFERENCES booking.station_day ON DELETE CASCADE,
    desk_booking bigint REFERENCES booking.desk_booking ON DELETE CASCADE,
    CONSTRAINT claim_is_of_one_thing CHECK (num_nonnulls(appointment, station_day, desk_booking) = 1),
    CONSTRAINT claim_no_overlap EXCLUDE USING gist (resource WITH =, during WITH &&)
);
CREATE INDEX claim_appointment ON booking.claim (appointment) WHERE appointment IS NOT NULL;

-- Personal data, apart from everything else: encrypted by the program, with
-- a date on which the row goes.
CREATE TABLE booking.person (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    appointment text   UNIQUE REFERENCES booking.appointment ON DELETE CASCADE,
    wish        bigint UNIQUE,
    key_id      text   NOT NULL,
    sealed      bytea  NOT NULL,
    erase_on    date   NOT NULL,
    CONSTRAINT person_belongs_to_one_thing CHECK (num_nonnulls(appointment, wish) = 1)
);
CREATE INDEX person_erase_on ON booking.person (erase_on);
CREATE INDEX person_key_id ON booking.person (key_id);
COMMENT ON COLUMN booking.person.sealed IS 'AEAD of the JSON of booking.Person, with the row''s id as associated data';

-- What the gate knows: who is expected when and where, not why.
CREATE TABLE booking.registration (
    appointment   text PRIMARY KEY REFERENCES booking.appointment ON DELETE CASCADE,
    site          text        NOT NULL REFERENCES booking.site,
    day           date        NOT NULL,
    expected_from timestamptz NOT NULL,
    expected_to   timestamptz NOT NULL,
    room          integer     NOT NULL REFERENCES booking.resource,
    persons       integer     NOT NULL,
    badge         text        NOT NULL DEFAULT '',
    entered_at    timestamptz,
    CONSTRAINT registration_window_is_not_empty CHECK (expected_from < expected_to)
);
CREATE INDEX registration_day ON booking.registration (site, day);
CREATE UNIQUE INDEX registration_badge_is_with_one ON booking.registration (site, day, badge) WHERE badge <> '';

CREATE TABLE booking.wish (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash bytea       NOT NULL CONSTRAINT wish_token_is_hashed CHECK (length(token_hash) = 32),
    concern    text        NOT NULL REFERENCES booking.concern,
    team       text        NOT NULL REFERENCES booking.team,
    channel    text        NOT NULL,
    persons    integer     NOT NULL CONSTRAINT wish_persons_are_some CHECK (persons BETWEEN 1 AND 100),
    step_free  boolean     NOT NULL DEFAULT false,
    from_day   date        NOT NULL,
    until_day  date        NOT NULL,
    lang       text        NOT NULL DEFAULT 'de',
    state      text        NOT NULL CONSTRAINT wish_state_is_known CHECK (state IN ('waiting', 'offered', 'taken', 'lapsed', 'withdrawn')),
    offers     integer     NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CONSTRAINT wish_begins_before_it_ends CHECK (from_day < until_day)
);
CREATE INDEX wish_waiting ON booking.wish (concern, from_day) WHERE state = 'waiting';
ALTER TABLE booking.person ADD CONSTRAINT person_wish FOREIGN KEY (wish) REFERENCES booking.wish ON DELETE CASCADE;
ALTER TABLE booking.appointment ADD CONSTRAINT appointment_wish FOREIGN KEY (wish) REFERENCES booking.wish ON DELETE SET NULL;

-- Notices to citizens: shown in the portal, announced by a mail that says
-- nothing but that there is one.
CREATE TABLE booking.outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    appointment text   REFERENCES booking.appointment ON DELETE CASCADE,
    wish        bigint REFERENCES booking.wish ON DELETE CASCADE,
    kind        text   NOT NULL CONSTRAINT outbox_kind_is_known CHECK
                (kind IN ('booked', 'moved', 'cancelled', 'cancelled_by_town', 'alternative', 'offer', 'no_show', 'reminder', 'wish_noted')),
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    sent_at     timestamptz,
    attempts    integer     NOT NULL DEFAULT 0,
    read_at     timestamptz,
    CONSTRAINT outbox_is_about_one_thing CHECK (num_nonnulls(appointment, wish) = 1)
);
CREATE INDEX outbox_due ON booking.outbox (due_at) WHERE sent_at IS NULL;
CREATE INDEX outbox_appointment ON booking.outbox (appointment);

CREATE TABLE booking.unmet_demand (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    concern text NOT NULL,
    cell    text NOT NULL DEFAULT '',
    week    date NOT NULL CONSTRAINT unmet_demand_week_begins_on_monday CHECK (extract(isodow FROM week) = 1),
    reason  text NOT NULL
);
COMMENT ON COLUMN booking.unmet_demand.cell IS 'INSPIRE grid cell of 1 km, "1kmN2689E4337"; empty: no place was given';

CREATE TABLE booking.idempotency (
    key_hash     bytea PRIMARY KEY,
    request_hash bytea       NOT NULL,
    status       integer     NOT NULL,
    key_id       text        NOT NULL,
    sealed       bytea       NOT NULL,
    created_at   timestamptz NOT NULL
);
CREATE INDEX idempotency_created_at ON booking.idempotency (created_at);
COMMENT ON COLUMN booking.idempotency.sealed IS 'the answer, encrypted: it holds a token';

-- Walk-ins at the info desk, without names.
CREATE TABLE booking.walk_in (
    day         date    NOT NULL,
    site        text    NOT NULL REFERENCES booking.site,
    number      integer NOT NULL CONSTRAINT walk_in_number_is_positive CHECK (number >= 1),
    office      text    NOT NULL REFERENCES booking.office,
    concern     text    REFERENCES booking.concern,
    urgent      boolean NOT NULL DEFAULT false,
    state       text    NOT NULL CONSTRAINT walk_in_state_is_known CHECK (state IN ('waiting', 'called', 'in_service', 'done', 'left')),
    clerk       integer REFERENCES booking.clerk,
    room        integer REFERENCES booking.resource,
    created_at  timestamptz NOT NULL,
    called_at   timestamptz,
    ended_at    timestamptz,
    PRIMARY KEY (day, site, number)
);

-- Who of the staff did what. Rows are only ever added.
CREATE TABLE booking.audit (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL,
    actor  text        NOT NULL CONSTRAINT audit_has_an_actor CHECK (actor <> ''),
    action text        NOT NULL CONSTRAINT audit_has_an_action CHECK (action <> ''),
    object text        NOT NULL,
    detail jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_object ON booking.audit (object);
-- +goose StatementBegin
CREATE FUNCTION booking.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'audit_is_append_only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON booking.audit
    FOR EACH STATEMENT EXECUTE FUNCTION booking.audit_is_append_only();

-- Every instance hears of changes of what is offered, within the transaction
-- that makes them. Claims are announced by the program, in batches.
-- +goose StatementBegin
CREATE FUNCTION booking.offer_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('booking_offer', TG_TABLE_NAME);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.release_day FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.closure FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.resource FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.quota FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.clerk_team FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.concern FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.jurisdiction_rule FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.setting FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.station_day FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
