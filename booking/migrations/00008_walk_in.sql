-- +goose Up
-- Who waits with a number occupies a room while being served, like everybody.
ALTER TABLE booking.walk_in
    ADD id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT walk_in_id_is_unique UNIQUE,
    ADD CONSTRAINT walk_in_was_called CHECK (CASE state
        WHEN 'waiting' THEN called_at IS NULL WHEN 'left' THEN true ELSE called_at IS NOT NULL AND clerk IS NOT NULL END),
    ADD CONSTRAINT walk_in_has_ended CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'left')));

ALTER TABLE booking.claim
    ADD walk_in bigint REFERENCES booking.walk_in (id) ON DELETE CASCADE,
    DROP CONSTRAINT claim_is_of_one_thing,
    ADD CONSTRAINT claim_is_of_one_thing CHECK (num_nonnulls(appointment, station_day, desk_booking, walk_in) = 1);
CREATE INDEX claim_walk_in ON booking.claim (walk_in) WHERE walk_in IS NOT NULL;
