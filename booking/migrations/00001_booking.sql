-- +goose Up
-- The public part: what the town does, where, and who is responsible.
CREATE TABLE booking.site (
    id        text PRIMARY KEY CONSTRAINT site_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    kind      text     NOT NULL,
    name_de   text     NOT NULL CONSTRAINT site_has_a_name CHECK (name_de <> ''),
    name_en   text     NOT NULL DEFAULT '',
    address   text     NOT NULL DEFAULT '',
    district  text     NOT NULL DEFAULT '',
    place     geometry NOT NULL CONSTRAINT site_is_a_point
              CHECK (GeometryType(place) = 'POINT' AND NOT ST_IsEmpty(place)),
    step_free boolean  NOT NULL DEFAULT false,
    note      text     NOT NULL DEFAULT ''
);

CREATE TABLE booking.room (
    id             text PRIMARY KEY CONSTRAINT room_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    site           text    NOT NULL REFERENCES booking.site,
    code           text    NOT NULL,
    name_de        text    NOT NULL CONSTRAINT room_has_a_name CHECK (name_de <> ''),
    name_en        text    NOT NULL DEFAULT '',
    floor          integer NOT NULL,
    persons        integer NOT NULL CONSTRAINT room_holds_someone CHECK (persons BETWEEN 1 AND 1000),
    step_free      boolean NOT NULL DEFAULT false,
    equipment      jsonb   NOT NULL DEFAULT '[]',
    note           text    NOT NULL DEFAULT '',
    buffer_minutes integer NOT NULL DEFAULT 0 CONSTRAINT room_buffer_is_not_negative CHECK (buffer_minutes >= 0),
    internal_note  text    NOT NULL DEFAULT '',
    CONSTRAINT room_code_is_unique_in_its_site UNIQUE (site, code)
);
COMMENT ON COLUMN booking.room.buffer_minutes IS 'internal: pause between visits';
COMMENT ON COLUMN booking.room.internal_note IS 'internal: never published';

CREATE TABLE booking.office (
    id      text PRIMARY KEY CONSTRAINT office_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name_de text NOT NULL CONSTRAINT office_has_a_name CHECK (name_de <> ''),
    name_en text NOT NULL DEFAULT '',
    site    text REFERENCES booking.site,
    phone   text NOT NULL DEFAULT '',
    note    text NOT NULL DEFAULT ''
);

CREATE TABLE booking.team (
    id        text PRIMARY KEY CONSTRAINT team_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    office    text REFERENCES booking.office,
    label     text    NOT NULL DEFAULT '',
    name_de   text    NOT NULL CONSTRAINT team_has_a_name CHECK (name_de <> ''),
    name_en   text    NOT NULL DEFAULT '',
    info_desk boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX team_info_desk_is_one ON booking.team (info_desk) WHERE info_desk;
COMMENT ON TABLE booking.team IS 'functions, never names of persons';

CREATE TABLE booking.concern (
    id              text PRIMARY KEY CONSTRAINT concern_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name_de         text    NOT NULL CONSTRAINT concern_has_a_name CHECK (name_de <> ''),
    name_en         text    NOT NULL DEFAULT '',
    summary_de      text    NOT NULL DEFAULT '',
    summary_en      text    NOT NULL DEFAULT '',
    office          text    NOT NULL REFERENCES booking.office,
    minutes         integer NOT NULL CONSTRAINT concern_minutes_are_a_visit CHECK (minutes BETWEEN 5 AND 480),
    further_minutes integer NOT NULL DEFAULT 0 CONSTRAINT concern_further_minutes_fit CHECK (further_minutes BETWEEN 0 AND 240),
    channels        text[]  NOT NULL CONSTRAINT concern_channels_are_known
                    CHECK (channels <@ ARRAY['counter', 'phone', 'video', 'online', 'mobile']),
    mobile          boolean NOT NULL DEFAULT false,
    online          boolean NOT NULL DEFAULT false,
    online_url      text    NOT NULL DEFAULT '',
    appointment     boolean NOT NULL DEFAULT true,
    urgent          boolean NOT NULL DEFAULT false,
    jurisdiction    text    NOT NULL CONSTRAINT concern_jurisdiction_is_known
                    CHECK (jurisdiction IN ('anyone', 'alphabetic', 'geographic')),
    place           text    NOT NULL DEFAULT '' CONSTRAINT concern_place_is_known CHECK (place IN ('', 'home', 'plot')),
    keywords        text[]  NOT NULL DEFAULT '{}',
    fim_key         text    NOT NULL DEFAULT '',
    note            text    NOT NULL DEFAULT '',
    active          boolean NOT NULL DEFAULT true,
    search          tsvector NOT NULL
);
CREATE INDEX concern_search ON booking.concern USING gin (search);
COMMENT ON COLUMN booking.concern.appointment IS 'false: come without one, never put off';
COMMENT ON COLUMN booking.concern.urgent IS 'who comes without an appointment is served, not sent away';
COMMENT ON COLUMN booking.concern.place IS 'the place that decides: the home, or the plot that the matter is about';

CREATE TABLE booking.document (
    id      text PRIMARY KEY CONSTRAINT document_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name_de text NOT NULL CONSTRAINT document_has_a_name CHECK (name_de <> ''),
    name_en text NOT NULL DEFAULT ''
);

CREATE TABLE booking.concern_document (
    concern      text    NOT NULL REFERENCES booking.concern ON DELETE CASCADE,
    position     integer NOT NULL,
    document     text    NOT NULL REFERENCES booking.document,
    condition_de text    NOT NULL DEFAULT '',
    condition_en text    NOT NULL DEFAULT '',
    PRIMARY KEY (concern, position)
);

CREATE TABLE booking.jurisdiction_rule (
    id             text PRIMARY KEY CONSTRAINT rule_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    concern        text REFERENCES booking.concern,
    office         text REFERENCES booking.office,
    kind           text    NOT NULL,
    priority       integer NOT NULL DEFAULT 0,
    prefix_from    text    NOT NULL DEFAULT '',
    prefix_to      text    NOT NULL DEFAULT '',
    keep_particles boolean NOT NULL DEFAULT false,
    districts      text[]  NOT NULL DEFAULT '{}',
    team           text    NOT NULL REFERENCES booking.team,
    valid_from     date,
    valid_to       date,
    CONSTRAINT rule_is_of_a_concern_or_an_office CHECK (num_nonnulls(concern, office) = 1),
    CONSTRAINT rule_kind_fits CHECK (CASE kind
        WHEN 'anyone'     THEN prefix_from = '' AND prefix_to = '' AND districts = '{}'
        WHEN 'alphabetic' THEN prefix_from <> '' AND prefix_to <> '' AND districts = '{}'
        WHEN 'geographic' THEN prefix_from = '' AND prefix_to = '' AND districts <> '{}'
        ELSE false END),
    CONSTRAINT rule_begins_before_it_ends CHECK (valid_from < valid_to)
);
COMMENT ON COLUMN booking.jurisdiction_rule.valid_to IS 'the first day on which the rule is no longer valid';

CREATE VIEW open.booking_site AS
    SELECT id, kind, jsonb_build_object('de', name_de, 'en', name_en) AS name, address, district,
           round(ST_X(ST_Transform(place, 4326))::numeric, 7)::float8 AS lon, round(ST_Y(ST_Transform(place, 4326))::numeric, 7)::float8 AS lat, step_free, note
    FROM booking.site;
CREATE VIEW open.booking_room AS
    SELECT id, site, code, jsonb_build_object('de', name_de, 'en', name_en) AS name, floor, persons,
           step_free, equipment, note
    FROM booking.room;
CREATE VIEW open.booking_office AS
    SELECT id, jsonb_build_object('de', name_de, 'en', name_en) AS name, coalesce(site, '') AS site, phone, note
    FROM booking.office;
CREATE VIEW open.booking_team AS
    SELECT id, coalesce(office, '') AS office, label, jsonb_build_object('de', name_de, 'en', name_en) AS name, info_desk
    FROM booking.team;
CREATE VIEW open.booking_concern AS
    SELECT c.id, jsonb_build_object('de', c.name_de, 'en', c.name_en) AS name,
           jsonb_build_object('de', c.summary_de, 'en', c.summary_en) AS summary,
           c.office, jsonb_build_object('de', o.name_de, 'en', o.name_en) AS office_name,
           c.minutes, c.further_minutes, c.channels, c.mobile, c.online, c.online_url, c.appointment, c.urgent,
           jsonb_build_object('kind', c.jurisdiction, 'place', c.place) AS jurisdiction, c.keywords, c.fim_key, c.note,
           coalesce((SELECT jsonb_agg(jsonb_build_object('id', d.id, 'de', d.name_de, 'en', d.name_en,
                         'condition_de', cd.condition_de, 'condition_en', cd.condition_en) ORDER BY cd.position)
                     FROM booking.concern_document cd JOIN booking.document d ON d.id = cd.document
                     WHERE cd.concern = c.id), '[]') AS documents,
           c.search
    FROM booking.concern c JOIN booking.office o ON o.id = c.office
    WHERE c.active;
CREATE VIEW open.booking_rule AS
    SELECT id, coalesce(concern, '') AS concern, coalesce(office, '') AS office, kind, priority, prefix_from,
           prefix_to, keep_particles, districts, team, valid_from, valid_to
    FROM booking.jurisdiction_rule;
GRANT SELECT ON open.booking_site, open.booking_room, open.booking_office, open.booking_team,
    open.booking_concern, open.booking_rule TO ortsnah_open;
