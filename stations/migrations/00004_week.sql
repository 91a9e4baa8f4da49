-- +goose Up
-- What planners decide themselves: it stays whatever a plan file says later.
ALTER TABLE stations.station
    ADD COLUMN needs_power boolean NOT NULL DEFAULT false,
    ADD COLUMN origin      text    NOT NULL DEFAULT 'plan' CONSTRAINT station_origin_is_known CHECK (origin IN ('plan', 'staff')),
    ADD COLUMN revision    integer NOT NULL DEFAULT 1,
    ADD COLUMN retired     boolean NOT NULL DEFAULT false;
ALTER TABLE stations.stop
    ADD COLUMN origin   text    NOT NULL DEFAULT 'plan' CONSTRAINT stop_origin_is_known CHECK (origin IN ('plan', 'staff')),
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    ADD COLUMN retired  boolean NOT NULL DEFAULT false;
ALTER TABLE stations.visit_pattern
    ADD COLUMN series    text,
    ADD COLUMN until_day date,
    ADD COLUMN origin    text    NOT NULL DEFAULT 'plan' CONSTRAINT pattern_origin_is_known CHECK (origin IN ('plan', 'staff')),
    ADD COLUMN revision  integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT pattern_ends_after_it_begins CHECK (until_day >= first_day);
UPDATE stations.visit_pattern SET series = id;
ALTER TABLE stations.visit_pattern ALTER COLUMN series SET NOT NULL;
COMMENT ON COLUMN stations.station.origin IS 'staff: a planner has changed it, loading a plan file leaves it alone';
COMMENT ON COLUMN stations.visit_pattern.series IS 'visits are named <series>-<day>: a pattern that goes on with other times keeps them, so that appointments stay';
COMMENT ON COLUMN stations.visit_pattern.until_day IS 'first day on which the pattern no longer holds';
COMMENT ON COLUMN stations.visit_pattern.revision IS 'counts changes: who saves an older one is told';

-- A picture helps to find the place. It is stored as this program has encoded
-- it, without what cameras write into their files.
CREATE TABLE stations.stop_photo (
    stop   text PRIMARY KEY REFERENCES stations.stop ON DELETE CASCADE,
    hash   text    NOT NULL,
    jpeg   bytea   NOT NULL CONSTRAINT stop_photo_is_bounded CHECK (length(jpeg) BETWEEN 1 AND 2000000),
    width  integer NOT NULL,
    height integer NOT NULL,
    alt_de text    NOT NULL CONSTRAINT stop_photo_has_a_text CHECK (alt_de <> ''),
    alt_en text    NOT NULL DEFAULT ''
);
COMMENT ON COLUMN stations.stop_photo.hash IS 'first 16 hexadecimal digits of SHA-256 over jpeg';

-- Things that several stations share and that go along on a visit.
CREATE TABLE stations.kit (
    id         text PRIMARY KEY CONSTRAINT kit_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name_de    text    NOT NULL CONSTRAINT kit_has_a_name CHECK (name_de <> ''),
    name_en    text    NOT NULL DEFAULT '',
    kind       text    NOT NULL CONSTRAINT kit_kind_is_known CHECK (kind IN ('case', 'vehicle')),
    devices    text[]  NOT NULL DEFAULT '{}',
    note       text    NOT NULL DEFAULT '',
    revision   integer NOT NULL DEFAULT 1,
    retired    boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE stations.kit IS 'a case of devices or a vehicle that several stations use in turn';

CREATE TABLE stations.pattern_kit (
    pattern text NOT NULL REFERENCES stations.visit_pattern ON DELETE CASCADE,
    kit     text NOT NULL REFERENCES stations.kit,
    PRIMARY KEY (pattern, kit)
);

CREATE TABLE stations.visit_kit (
    visit  text      NOT NULL REFERENCES stations.visit ON DELETE CASCADE,
    kit    text      NOT NULL REFERENCES stations.kit,
    during tstzrange NOT NULL,
    PRIMARY KEY (visit, kit),
    CONSTRAINT kit_is_at_one_visit EXCLUDE USING gist (kit WITH =, during WITH &&) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE stations.visit_kit IS 'what goes along on planned visits; written together with them';

CREATE TABLE stations.service_device (
    service text NOT NULL,
    device  text NOT NULL,
    PRIMARY KEY (service, device)
);
COMMENT ON TABLE stations.service_device IS 'devices without which a station cannot offer a service';

CREATE OR REPLACE VIEW open.stations_stop AS
    SELECT s.id, jsonb_build_object('de', s.name_de, 'en', s.name_en) AS name, s.address,
           coalesce(s.site, '') AS site, coalesce(s.district, '') AS district,
           round(ST_X(ST_Transform(s.place, 4326))::numeric, 7)::float8 AS lon, round(ST_Y(ST_Transform(s.place, 4326))::numeric, 7)::float8 AS lat,
           ST_X(s.place) AS x, ST_Y(s.place) AS y, s.step_free, s.power, s.network, s.parking, s.note,
           s.retired, coalesce(p.hash, '') AS photo,
           jsonb_build_object('de', coalesce(p.alt_de, ''), 'en', coalesce(p.alt_en, '')) AS photo_alt
    FROM stations.stop s LEFT JOIN stations.stop_photo p ON p.stop = s.id;
CREATE VIEW open.stations_stop_photo AS SELECT stop, hash, jpeg FROM stations.stop_photo;
GRANT SELECT ON open.stations_stop, open.stations_stop_photo TO ortsnah_open;
