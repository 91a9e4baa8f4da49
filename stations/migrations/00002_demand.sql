-- +goose Up
-- Demand (package demand): census grids, need rates, what was observed.
CREATE TABLE stations.census_source (
    id            text PRIMARY KEY CONSTRAINT census_source_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(id) <= 60),
    name          text        NOT NULL CONSTRAINT census_source_has_a_name CHECK (name <> '' AND length(name) <= 200),
    format        text        NOT NULL,
    resolution    integer     NOT NULL CONSTRAINT census_source_resolution_is_known CHECK (resolution IN (100, 1000)),
    reference_day date,
    licence       text        NOT NULL DEFAULT '',
    attribution   text        NOT NULL DEFAULT '',
    files         text[]      NOT NULL,
    sha256        text        NOT NULL,
    imported_at   timestamptz NOT NULL,
    report        jsonb       NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN stations.census_source.resolution IS 'metres, of the finest cells; coarser ones help to estimate what these keep secret';
COMMENT ON COLUMN stations.census_source.sha256 IS 'of all files, in the order of files';
COMMENT ON COLUMN stations.census_source.report IS 'demand.Report: what the files held and what could not be used';

CREATE TABLE stations.census_cell (
    source  text     NOT NULL REFERENCES stations.census_source ON DELETE CASCADE,
    id      text     NOT NULL CONSTRAINT census_cell_id_is_inspire CHECK (id ~ '^(100m|1km)N[0-9]+E[0-9]+$'),
    size    integer  NOT NULL CONSTRAINT census_cell_size_is_known CHECK (size IN (100, 1000)),
    x_3035  integer  NOT NULL,
    y_3035  integer  NOT NULL,
    lon     float8   NOT NULL,
    lat     float8   NOT NULL,
    place   geometry NOT NULL CONSTRAINT census_cell_place_is_a_point CHECK (GeometryType(place) = 'POINT'),
    counts  boolean  NOT NULL,
    PRIMARY KEY (source, id)
);
CREATE INDEX census_cell_place ON stations.census_cell USING gist (place);
COMMENT ON COLUMN stations.census_cell.place IS 'the centre, in the working CRS';
COMMENT ON COLUMN stations.census_cell.counts IS 'is demand: a fine cell, or a coarse one without any fine cell; other coarse ones would count people twice';

-- A suppressed number is NULL, never 0.
CREATE TABLE stations.census_count (
    source   text    NOT NULL,
    cell     text    NOT NULL,
    feature  text    NOT NULL CONSTRAINT census_count_feature_is_known CHECK
             (feature IN ('all', 'under_18', '18_29', '30_49', '50_64', '18_64', '65_plus')),
    people   integer CONSTRAINT census_count_is_not_negative CHECK (people >= 0),
    quality  text    NOT NULL CONSTRAINT census_count_quality_is_known CHECK (quality IN ('known', 'uncertain', 'suppressed')),
    estimate integer CONSTRAINT census_count_estimate_is_not_negative CHECK (estimate >= 0),
    PRIMARY KEY (source, cell, feature),
    FOREIGN KEY (source, cell) REFERENCES stations.census_cell ON DELETE CASCADE,
    CONSTRAINT census_count_suppressed_has_no_number CHECK ((quality = 'suppressed') = (people IS NULL)),
    CONSTRAINT census_count_known_is_not_estimated CHECK (estimate IS NULL OR people IS NULL)
);
COMMENT ON COLUMN stations.census_count.quality IS 'uncertain: in brackets (KLAMMERN), changed a lot by the census to protect people';
COMMENT ON COLUMN stations.census_count.estimate IS 'for a suppressed number: what is left of the coarser cell, shared out';

-- Visits that a department expects per 1,000 people and year. It says nothing
-- about who entered it: departments answer for it, not persons.
CREATE TABLE stations.need_rate (
    concern    text    NOT NULL CONSTRAINT need_rate_has_a_concern CHECK (concern <> ''),
    age        text    NOT NULL CONSTRAINT need_rate_age_is_known CHECK (age IN ('all', 'under_18', '18_64', '65_plus')),
    rate       numeric(8, 3) NOT NULL CONSTRAINT need_rate_is_plausible CHECK (rate BETWEEN 0 AND 20000),
    note       text    NOT NULL DEFAULT '' CONSTRAINT need_rate_note_is_short CHECK (length(note) <= 500),
    entered_on date    NOT NULL,
    PRIMARY KEY (concern, age)
);
COMMENT ON COLUMN stations.need_rate.age IS 'all: of the age groups that have no rate of their own';

-- Written by the booking room: numbers per week, of no person.
CREATE TABLE stations.demand_observation (
    concern  text    NOT NULL,
    week     date    NOT NULL CONSTRAINT demand_observation_week_begins_on_monday CHECK (extract(isodow FROM week) = 1),
    booked   integer NOT NULL CONSTRAINT demand_observation_booked_not_negative CHECK (booked >= 0),
    kept     integer NOT NULL CONSTRAINT demand_observation_kept_is_booked CHECK (kept BETWEEN 0 AND booked),
    walk_ins integer NOT NULL CONSTRAINT demand_observation_walk_ins_not_negative CHECK (walk_ins >= 0),
    unmet    integer NOT NULL CONSTRAINT demand_observation_unmet_not_negative CHECK (unmet >= 0),
    PRIMARY KEY (concern, week)
);
CREATE TABLE stations.unmet_cell (
    concern text    NOT NULL,
    week    date    NOT NULL,
    cell    text    NOT NULL DEFAULT '',
    number  integer NOT NULL CONSTRAINT unmet_cell_number_is_positive CHECK (number > 0),
    PRIMARY KEY (concern, week, cell),
    FOREIGN KEY (concern, week) REFERENCES stations.demand_observation ON DELETE CASCADE
);
COMMENT ON COLUMN stations.unmet_cell.cell IS 'INSPIRE cell of 1 km; empty: no place was given. Small numbers: never leaves the house';
