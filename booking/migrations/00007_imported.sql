-- +goose Up
-- What came from another calendar is known by the UID of its event there: an
-- import replaces what the last one brought.
ALTER TABLE booking.release ADD imported text NOT NULL DEFAULT '';
ALTER TABLE booking.closure ADD imported text NOT NULL DEFAULT '';
CREATE INDEX closure_resource ON booking.closure (resource, starts) WHERE resource IS NOT NULL;
COMMENT ON COLUMN booking.release.imported IS 'UID of the iCalendar event; empty: entered here';
COMMENT ON COLUMN booking.closure.imported IS 'UID of the iCalendar event and its day; empty: entered here';
