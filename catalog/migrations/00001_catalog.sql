-- +goose Up
-- The house of the catalogue. Feature tables are made per dataset by the
-- program (catalog.Register); their views appear in schema open.
CREATE SCHEMA IF NOT EXISTS open;
GRANT USAGE ON SCHEMA open TO ortsnah_open;

CREATE TABLE catalog.setting (
    only_row     boolean PRIMARY KEY DEFAULT true CONSTRAINT setting_is_one_row CHECK (only_row),
    working_srid integer NOT NULL DEFAULT 25832,
    town         jsonb   NOT NULL DEFAULT '{}'
);
INSERT INTO catalog.setting DEFAULT VALUES;
COMMENT ON COLUMN catalog.setting.working_srid IS 'metric CRS that all geometries are stored in';

-- +goose StatementBegin
CREATE FUNCTION catalog.working_srid() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT working_srid FROM catalog.setting';
-- +goose StatementEnd

-- +goose StatementBegin
-- Transform for rows that made the set-based transform fail: NULL instead of an error.
CREATE FUNCTION catalog.try_transform(g geometry, srid integer) RETURNS geometry LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ST_Transform(g, srid);
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TABLE catalog.dataset (
    id       text PRIMARY KEY CONSTRAINT dataset_id_is_a_slug
             CHECK (id ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(id) <= 50),
    schema   jsonb       NOT NULL,
    metadata jsonb       NOT NULL,
    public   boolean     NOT NULL DEFAULT true,
    version  integer     NOT NULL DEFAULT 0,
    rows     integer     NOT NULL DEFAULT 0,
    created  timestamptz NOT NULL DEFAULT now(),
    modified timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE catalog.version (
    dataset text        NOT NULL REFERENCES catalog.dataset,
    number  integer     NOT NULL CONSTRAINT version_counts_from_one CHECK (number > 0),
    created timestamptz NOT NULL DEFAULT now(),
    actor   text        NOT NULL,
    source  text        NOT NULL,
    added   integer     NOT NULL,
    changed integer     NOT NULL,
    removed integer     NOT NULL,
    rows    integer     NOT NULL,
    PRIMARY KEY (dataset, number)
);

CREATE TABLE catalog.distribution (
    dataset    text        NOT NULL,
    version    integer     NOT NULL,
    format     text        NOT NULL,
    file       text        NOT NULL,
    media_type text        NOT NULL,
    bytes      bigint      NOT NULL,
    sha256     text        NOT NULL,
    created    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dataset, version, format),
    UNIQUE (dataset, version, file),
    FOREIGN KEY (dataset, version) REFERENCES catalog.version
);

CREATE VIEW open.setting AS SELECT working_srid, town FROM catalog.setting;
CREATE VIEW open.dataset AS SELECT * FROM catalog.dataset WHERE public;
CREATE VIEW open.version AS
    SELECT v.* FROM catalog.version v JOIN catalog.dataset d ON d.id = v.dataset AND d.public;
CREATE VIEW open.distribution AS
    SELECT f.* FROM catalog.distribution f JOIN catalog.dataset d ON d.id = f.dataset AND d.public;
GRANT SELECT ON open.setting, open.dataset, open.version, open.distribution TO ortsnah_open;
