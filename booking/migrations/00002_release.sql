-- +goose Up
-- Who and what can be occupied, and when people may come.
CREATE TABLE booking.setting (
    one             boolean PRIMARY KEY DEFAULT true CONSTRAINT setting_is_one_row CHECK (one),
    zone            text    NOT NULL DEFAULT 'Europe/Berlin',
    state           text    NOT NULL DEFAULT 'NW' CONSTRAINT setting_state_is_german CHECK
                    (state IN ('BW','BY','BE','BB','HB','HH','HE','MV','NI','NW','RP','SL','SN','ST','SH','TH')),
    gate_controls   boolean NOT NULL DEFAULT true,
    hold_minutes    integer NOT NULL DEFAULT 10 CONSTRAINT setting_hold_is_short CHECK (hold_minutes BETWEEN 1 AND 60),
    offer_hours     integer NOT NULL DEFAULT 48 CONSTRAINT setting_offer_is_days CHECK (offer_hours BETWEEN 1 AND 336),
    late_minutes    integer NOT NULL DEFAULT 15 CONSTRAINT setting_late_is_patient CHECK (late_minutes BETWEEN 5 AND 120),
    fixed_minutes   integer NOT NULL DEFAULT 15 CONSTRAINT setting_fixed_is_positive CHECK (fixed_minutes BETWEEN 0 AND 1440),
    erase_days      integer NOT NULL DEFAULT 30 CONSTRAINT setting_erase_is_soon CHECK (erase_days BETWEEN 0 AND 365),
    travel_minutes  integer NOT NULL DEFAULT 30 CONSTRAINT setting_travel_is_positive CHECK (travel_minutes BETWEEN 0 AND 480),
    horizon_days    integer NOT NULL DEFAULT 120 CONSTRAINT setting_horizon_is_bounded CHECK (horizon_days BETWEEN 1 AND 400)
);
COMMENT ON COLUMN booking.setting.gate_controls IS 'false: the gate only shows the way and sees no names';
COMMENT ON COLUMN booking.setting.fixed_minutes IS 'so long before the start a room is no longer swapped';
INSERT INTO booking.setting DEFAULT VALUES;

CREATE TABLE booking.resource (
    id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text    NOT NULL CONSTRAINT resource_kind_is_known CHECK (kind IN ('clerk', 'room', 'desk', 'kit', 'vehicle')),
    code      text    NOT NULL CONSTRAINT resource_code_is_a_slug CHECK (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    label     text    NOT NULL CONSTRAINT resource_has_a_label CHECK (label <> ''),
    site      text    REFERENCES booking.site,
    station   text    REFERENCES stations.station,
    room      text    REFERENCES booking.room,
    persons   integer NOT NULL DEFAULT 1 CONSTRAINT resource_persons_are_some CHECK (persons BETWEEN 1 AND 1000),
    step_free boolean NOT NULL DEFAULT false,
    equipment text[]  NOT NULL DEFAULT '{}',
    buffer_minutes integer NOT NULL DEFAULT 0 CONSTRAINT resource_buffer_is_not_negative CHECK (buffer_minutes BETWEEN 0 AND 240),
    active    boolean NOT NULL DEFAULT true,
    CONSTRAINT resource_code_is_unique UNIQUE (kind, code),
    CONSTRAINT resource_room_is_one UNIQUE (room),
    CONSTRAINT resource_place_fits CHECK (CASE kind
        WHEN 'clerk' THEN site IS NULL AND station IS NULL AND room IS NULL
        WHEN 'room'  THEN num_nonnulls(site, station) = 1 AND (room IS NULL OR site IS NOT NULL)
        WHEN 'desk'  THEN site IS NOT NULL AND station IS NULL AND room IS NULL
        ELSE site IS NULL AND room IS NULL END)
);
COMMENT ON TABLE booking.resource IS 'everything that can be occupied; a room of kind "room" stands in a building or belongs to a mobile station';
COMMENT ON COLUMN booking.resource.label IS 'a function or a door sign, never the name of a person';
COMMENT ON COLUMN booking.resource.buffer_minutes IS 'pause after every use, such as airing a room';

CREATE TABLE booking.clerk (
    resource integer PRIMARY KEY REFERENCES booking.resource,
    office   text    NOT NULL REFERENCES booking.office,
    skills   text[]  NOT NULL DEFAULT '{}'
);
CREATE TABLE booking.clerk_team (
    clerk integer NOT NULL REFERENCES booking.clerk ON DELETE CASCADE,
    team  text    NOT NULL REFERENCES booking.team,
    PRIMARY KEY (clerk, team)
);
CREATE TABLE booking.quota (
    clerk   integer NOT NULL REFERENCES booking.clerk ON DELETE CASCADE,
    via     text    NOT NULL CONSTRAINT quota_via_is_known CHECK (via IN ('web', 'phone', 'desk')),
    minutes integer NOT NULL CONSTRAINT quota_is_a_week CHECK (minutes BETWEEN 0 AND 3000),
    PRIMARY KEY (clerk, via)
);
COMMENT ON TABLE booking.quota IS 'most minutes per ISO week that may be booked on a way; no row: no limit';

ALTER TABLE booking.concern
    ADD buffer_minutes integer NOT NULL DEFAULT 0 CONSTRAINT concern_buffer_is_not_negative CHECK (buffer_minutes BETWEEN 0 AND 240),
    ADD lead_minutes   integer NOT NULL DEFAULT 0 CONSTRAINT concern_lead_is_not_negative CHECK (lead_minutes BETWEEN 0 AND 100000),
    ADD horizon_days   integer NOT NULL DEFAULT 60 CONSTRAINT concern_horizon_is_bounded CHECK (horizon_days BETWEEN 0 AND 400),
    ADD skill          text    NOT NULL DEFAULT '',
    ADD needs          text[]  NOT NULL DEFAULT '{}',
    ADD kit            text    NOT NULL DEFAULT '';
COMMENT ON COLUMN booking.concern.skill IS 'what a clerk must be able to do (clerk.skills); empty: nothing special';
COMMENT ON COLUMN booking.concern.needs IS 'equipment that the room or station must have';
COMMENT ON COLUMN booking.concern.kit IS 'prefix of the code of a portable kit that is occupied, too; empty: none';

-- A mobile station at a stop on one day, as booking sees it: the station and
-- its way home are occupied.
CREATE TABLE booking.station_day (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    visit          text        NOT NULL CONSTRAINT station_day_is_one_per_visit UNIQUE,
    station        integer     NOT NULL REFERENCES booking.resource,
    stop           text        NOT NULL REFERENCES stations.stop,
    day            date        NOT NULL,
    starts         timestamptz NOT NULL,
    ends           timestamptz NOT NULL,
    travel_minutes integer     NOT NULL CONSTRAINT station_day_travel_is_not_negative CHECK (travel_minutes >= 0),
    services       text[]      NOT NULL DEFAULT '{}',
    state          text        NOT NULL CONSTRAINT station_day_state_is_known CHECK (state IN ('planned', 'cancelled')),
    CONSTRAINT station_day_starts_before_it_ends CHECK (starts < ends)
);

CREATE TABLE booking.release (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    clerk        integer NOT NULL REFERENCES booking.clerk,
    site         text    REFERENCES booking.site,
    station_day  bigint  REFERENCES booking.station_day,
    first_day    date    NOT NULL,
    until_day    date,
    rule         text    NOT NULL DEFAULT '',
    opens        time    NOT NULL,
    closes       time    NOT NULL,
    zone         text    NOT NULL DEFAULT 'Europe/Berlin',
    channels     text[]  NOT NULL CONSTRAINT release_channels_are_known
                 CHECK (channels <> '{}' AND channels <@ ARRAY['counter', 'phone', 'video', 'mobile']),
    via          text[]  NOT NULL DEFAULT '{web,phone,desk}' CONSTRAINT release_via_is_known
                 CHECK (via <> '{}' AND via <@ ARRAY['web', 'phone', 'desk']),
    concerns     text[]  NOT NULL DEFAULT '{}',
    visible_from timestamptz,
    visible_days integer CONSTRAINT release_visible_days_are_some CHECK (visible_days BETWEEN 0 AND 400),
    note         text    NOT NULL DEFAULT '',
    CONSTRAINT release_opens_before_it_closes CHECK (opens < closes),
    CONSTRAINT release_begins_before_it_ends CHECK (first_day < until_day),
    CONSTRAINT release_is_at_a_place CHECK (
        ('counter' = ANY (channels)) <= (site IS NOT NULL) AND ('mobile' = ANY (channels)) = (station_day IS NOT NULL)
        AND num_nonnulls(site, station_day) <= 1)
);
CREATE INDEX release_clerk ON booking.release (clerk);
COMMENT ON COLUMN booking.release.rule IS 'RRULE value of RFC 5545, days only, from first_day on; empty: first_day alone';
COMMENT ON COLUMN booking.release.until_day IS 'first day on which the release no longer holds';
COMMENT ON COLUMN booking.release.concerns IS 'empty: everything the clerk may do';
COMMENT ON COLUMN booking.release.visible_days IS 'offered at most so many days ahead';

CREATE TABLE booking.release_exception (
    release bigint  NOT NULL REFERENCES booking.release ON DELETE CASCADE,
    day     date    NOT NULL,
    open    boolean NOT NULL,
    reason  text    NOT NULL DEFAULT '',
    PRIMARY KEY (release, day)
);
COMMENT ON COLUMN booking.release_exception.open IS 'false: not on this day; true: also on this day, even if it is a public holiday';

CREATE TABLE booking.home_office (
    clerk integer NOT NULL REFERENCES booking.clerk ON DELETE CASCADE,
    day   date    NOT NULL,
    PRIMARY KEY (clerk, day)
);
COMMENT ON TABLE booking.home_office IS 'days on which the clerk is not in the building: releases of channel counter do not hold';

CREATE TABLE booking.closure (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site      text    REFERENCES booking.site,
    resource  integer REFERENCES booking.resource,
    starts    timestamptz NOT NULL,
    ends      timestamptz NOT NULL,
    kind      text NOT NULL CONSTRAINT closure_kind_is_known CHECK (kind IN ('closed', 'sickness', 'maintenance')),
    reason_de text NOT NULL DEFAULT '',
    reason_en text NOT NULL DEFAULT '',
    CONSTRAINT closure_starts_before_it_ends CHECK (starts < ends),
    CONSTRAINT closure_is_of_one_thing CHECK (num_nonnulls(site, resource) <= 1)
);
CREATE INDEX closure_ends ON booking.closure (ends);
COMMENT ON TABLE booking.closure IS 'of a resource, of a building, or (neither) of the whole town hall';

-- What the releases come to, day by day: written by the program whenever
-- one of the tables above changes, and for one more day every night.
CREATE TABLE booking.release_day (
    release      bigint    NOT NULL REFERENCES booking.release ON DELETE CASCADE,
    day          date      NOT NULL,
    clerk        integer   NOT NULL,
    during       tstzrange NOT NULL CONSTRAINT release_day_is_not_empty CHECK
                 (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    site         text,
    station_day  bigint,
    channels     text[]    NOT NULL,
    via          text[]    NOT NULL,
    concerns     text[]    NOT NULL,
    visible_from timestamptz,
    PRIMARY KEY (release, day)
);
CREATE INDEX release_day_clerk ON booking.release_day (clerk, day);
CREATE INDEX release_day_day ON booking.release_day (day);
