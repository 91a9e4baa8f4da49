-- +goose Up
-- Calendars that subscribe to visits want to know which state is the newer one
-- (RFC 5545, section 3.8.7.4).
ALTER TABLE stations.visit
    ADD COLUMN sequence integer     NOT NULL DEFAULT 0,
    ADD COLUMN changed  timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN stations.visit.sequence IS 'counts changes that people have to know of; 0 is as first announced';

-- A trigger, because several statements change visits and none may forget it.
-- +goose StatementBegin
CREATE FUNCTION stations.count_visit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sequence := OLD.sequence + 1;
    NEW.changed := now();
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER visit_change BEFORE UPDATE ON stations.visit FOR EACH ROW
    WHEN ((OLD.state, OLD.starts, OLD.ends, OLD.stop, OLD.station, OLD.services, OLD.reason_de, OLD.reason_en)
          IS DISTINCT FROM (NEW.state, NEW.starts, NEW.ends, NEW.stop, NEW.station, NEW.services, NEW.reason_de, NEW.reason_en))
    EXECUTE FUNCTION stations.count_visit_change();

CREATE OR REPLACE VIEW open.stations_visit AS
    SELECT v.id, v.pattern, v.station, jsonb_build_object('de', t.name_de, 'en', t.name_en) AS station_name,
           v.stop, v.day, p.zone, v.starts, v.ends, v.state,
           jsonb_build_object('de', v.reason_de, 'en', v.reason_en) AS reason, v.services, p.note, v.sequence, v.changed
    FROM stations.visit v
    JOIN stations.station t ON t.id = v.station
    JOIN stations.visit_pattern p ON p.id = v.pattern;
