-- +goose Up
-- Places are points in the working CRS; wall times belong to the pattern's zone.
CREATE TABLE stations.station (
    id        text PRIMARY KEY CONSTRAINT station_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name_de   text    NOT NULL CONSTRAINT station_has_a_name CHECK (name_de <> ''),
    name_en   text    NOT NULL DEFAULT '',
    kind      text    NOT NULL CONSTRAINT station_kind_is_known CHECK (kind IN ('vehicle', 'kit')),
    staff     integer NOT NULL DEFAULT 1 CONSTRAINT station_staff_is_positive CHECK (staff > 0),
    equipment jsonb   NOT NULL DEFAULT '[]',
    note      text    NOT NULL DEFAULT ''
);

CREATE TABLE stations.stop (
    id        text PRIMARY KEY CONSTRAINT stop_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name_de   text     NOT NULL CONSTRAINT stop_has_a_name CHECK (name_de <> ''),
    name_en   text     NOT NULL DEFAULT '',
    address   text     NOT NULL DEFAULT '',
    site      text,
    district  text,
    place     geometry NOT NULL CONSTRAINT stop_is_a_point
              CHECK (GeometryType(place) = 'POINT' AND NOT ST_IsEmpty(place)),
    step_free boolean  NOT NULL DEFAULT false,
    power     boolean  NOT NULL DEFAULT false,
    network   text     NOT NULL DEFAULT '',
    parking   boolean  NOT NULL DEFAULT false,
    note      text     NOT NULL DEFAULT ''
);
COMMENT ON COLUMN stations.stop.site IS 'building of the booking room, when the stop is in one';

CREATE TABLE stations.visit_pattern (
    id        text PRIMARY KEY CONSTRAINT pattern_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    station   text   NOT NULL REFERENCES stations.station,
    stop      text   NOT NULL REFERENCES stations.stop,
    first_day date   NOT NULL,
    rule      text   NOT NULL,
    opens     time   NOT NULL,
    closes    time   NOT NULL,
    zone      text   NOT NULL,
    services  text[] NOT NULL DEFAULT '{}',
    active    boolean NOT NULL DEFAULT true,
    note      text   NOT NULL DEFAULT '',
    CONSTRAINT pattern_opens_before_it_closes CHECK (opens < closes)
);
COMMENT ON COLUMN stations.visit_pattern.rule IS 'RRULE value of RFC 5545, from first_day on, days only';

CREATE TABLE stations.pattern_exception (
    pattern   text NOT NULL REFERENCES stations.visit_pattern ON DELETE CASCADE,
    day       date NOT NULL,
    reason_de text NOT NULL DEFAULT '',
    reason_en text NOT NULL DEFAULT '',
    PRIMARY KEY (pattern, day)
);
COMMENT ON TABLE stations.pattern_exception IS 'local days on which an announced visit is cancelled';

CREATE TABLE stations.closed_day (
    day    date PRIMARY KEY,
    reason text NOT NULL DEFAULT ''
);
COMMENT ON TABLE stations.closed_day IS 'days without any visit, such as public holidays';

CREATE TABLE stations.visit (
    id        text PRIMARY KEY,
    pattern   text        NOT NULL REFERENCES stations.visit_pattern,
    station   text        NOT NULL REFERENCES stations.station,
    stop      text        NOT NULL REFERENCES stations.stop,
    day       date        NOT NULL,
    starts    timestamptz NOT NULL,
    ends      timestamptz NOT NULL,
    state     text        NOT NULL CONSTRAINT visit_state_is_known CHECK (state IN ('planned', 'cancelled')),
    reason_de text        NOT NULL DEFAULT '',
    reason_en text        NOT NULL DEFAULT '',
    services  text[]      NOT NULL DEFAULT '{}',
    CONSTRAINT visit_starts_before_it_ends CHECK (starts < ends),
    CONSTRAINT visit_station_is_at_one_place EXCLUDE USING gist
        (station WITH =, tstzrange(starts, ends) WITH &&) WHERE (state = 'planned') DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX visit_starts ON stations.visit (starts);

CREATE VIEW open.stations_stop AS
    SELECT id, jsonb_build_object('de', name_de, 'en', name_en) AS name, address,
           coalesce(site, '') AS site, coalesce(district, '') AS district,
           round(ST_X(ST_Transform(place, 4326))::numeric, 7)::float8 AS lon, round(ST_Y(ST_Transform(place, 4326))::numeric, 7)::float8 AS lat,
           ST_X(place) AS x, ST_Y(place) AS y, step_free, power, network, parking, note
    FROM stations.stop;
CREATE VIEW open.stations_visit AS
    SELECT v.id, v.pattern, v.station, jsonb_build_object('de', t.name_de, 'en', t.name_en) AS station_name,
           v.stop, v.day, p.zone, v.starts, v.ends, v.state,
           jsonb_build_object('de', v.reason_de, 'en', v.reason_en) AS reason, v.services, p.note
    FROM stations.visit v
    JOIN stations.station t ON t.id = v.station
    JOIN stations.visit_pattern p ON p.id = v.pattern;
GRANT SELECT ON open.stations_stop, open.stations_visit TO ortsnah_open;
