-- +goose Up
-- What a floor of a building looks like, for the plan of the rooms.
CREATE TABLE booking.floor_shape (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site     text     NOT NULL REFERENCES booking.site ON DELETE CASCADE,
    level    integer  NOT NULL CONSTRAINT floor_shape_level_is_a_storey CHECK (level BETWEEN -20 AND 200),
    kind     text     NOT NULL CONSTRAINT floor_shape_kind_is_known CHECK
             (kind IN ('outline', 'room', 'corridor', 'stairs', 'lift', 'toilet', 'entrance')),
    room     text     REFERENCES booking.room ON DELETE SET NULL,
    label    text     NOT NULL DEFAULT '',
    geometry geometry NOT NULL,
    CONSTRAINT floor_shape_is_drawn_fitly CHECK (NOT ST_IsEmpty(geometry) AND CASE kind
        WHEN 'entrance' THEN GeometryType(geometry) IN ('POINT', 'LINESTRING')
        ELSE GeometryType(geometry) IN ('POLYGON', 'MULTIPOLYGON') END),
    CONSTRAINT floor_shape_room_fits CHECK (room IS NULL OR kind IN ('room', 'entrance'))
);
CREATE INDEX floor_shape_site ON booking.floor_shape (site, level);
CREATE UNIQUE INDEX floor_shape_room_is_one ON booking.floor_shape (room) WHERE kind = 'room';
COMMENT ON COLUMN booking.floor_shape.level IS '0: ground floor, as booking.room.floor';
COMMENT ON COLUMN booking.floor_shape.room IS 'the room that people book, or (entrance) whose door it is; null: other rooms, doors of the building';
COMMENT ON COLUMN booking.floor_shape.geometry IS 'working CRS';

-- Desks of several buildings are booked apart.
ALTER TABLE booking.desk_booking ADD site text NOT NULL REFERENCES booking.site;
CREATE INDEX desk_booking_day ON booking.desk_booking (day, site, wished_at, id);
