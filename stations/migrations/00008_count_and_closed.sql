-- +goose Up
-- Walk-ins are counted by who stands at the station, appointments by booking:
-- either may come first, and a number that nobody has counted is not 0.
ALTER TABLE stations.visit_count
    ALTER COLUMN walk_ins SET DEFAULT 0,
    ALTER COLUMN counted_at DROP NOT NULL,
    ADD COLUMN walk_ins_at timestamptz,
    ADD CONSTRAINT visit_count_walk_ins_plausible CHECK (walk_ins <= 999);
UPDATE stations.visit_count SET walk_ins_at = counted_at WHERE walk_ins > 0;
COMMENT ON COLUMN stations.visit_count.counted_at IS 'when booking counted appointments and no-shows; null: not yet';
COMMENT ON COLUMN stations.visit_count.walk_ins_at IS 'when staff said how many came without an appointment; null: not yet';
COMMENT ON TABLE stations.visit_count IS 'how many came to a visit: appointments by the booking room, walk-ins by staff; numbers only';

-- Planners close days and open them again, whatever a plan file says later.
ALTER TABLE stations.closed_day
    ADD COLUMN reason_en text    NOT NULL DEFAULT '',
    ADD COLUMN origin    text    NOT NULL DEFAULT 'plan' CONSTRAINT closed_day_origin_is_known CHECK (origin IN ('plan', 'staff')),
    ADD COLUMN reopened  boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN stations.closed_day.reopened IS 'a planner has taken it back: stations come, although a plan file may close the day';
