-- +goose Up
-- Areas that a steward draws where districts do not fit a jurisdiction.
CREATE TABLE booking.area (
    id    text PRIMARY KEY CONSTRAINT area_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name  text     NOT NULL CONSTRAINT area_has_a_name CHECK (name <> ''),
    shape geometry NOT NULL CONSTRAINT area_is_valid
          CHECK (GeometryType(shape) = 'MULTIPOLYGON' AND ST_IsValid(shape) AND NOT ST_IsEmpty(shape))
);
ALTER TABLE booking.jurisdiction_rule
    ADD areas text[] NOT NULL DEFAULT '{}',
    DROP CONSTRAINT rule_kind_fits,
    ADD CONSTRAINT rule_kind_fits CHECK (CASE kind
        WHEN 'anyone'     THEN prefix_from = '' AND prefix_to = '' AND districts = '{}' AND areas = '{}'
        WHEN 'alphabetic' THEN prefix_from <> '' AND prefix_to <> '' AND districts = '{}' AND areas = '{}'
        WHEN 'geographic' THEN prefix_from = '' AND prefix_to = '' AND (districts <> '{}' OR areas <> '{}')
        ELSE false END);
CREATE VIEW open.booking_area AS SELECT id, name, shape FROM booking.area;
CREATE OR REPLACE VIEW open.booking_rule AS
    SELECT id, coalesce(concern, '') AS concern, coalesce(office, '') AS office, kind, priority, prefix_from,
           prefix_to, keep_particles, districts, team, valid_from, valid_to, areas
    FROM booking.jurisdiction_rule;
GRANT SELECT ON open.booking_area TO ortsnah_open;
CREATE TRIGGER offer_changed AFTER INSERT OR UPDATE OR DELETE ON booking.area FOR EACH STATEMENT EXECUTE FUNCTION booking.offer_changed();
