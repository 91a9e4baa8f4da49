-- +goose Up
-- The form in which street names are compared: "Böhmer-Str." and
-- "Boehmerstraße" are both "boehmerstr". It stands in schema open because the
-- read role asks with it. Its results are what an index holds, so it must never
-- change: a better form is a new function. Plain replacements, because a
-- search calls it for each street of a city.
-- +goose StatementBegin
CREATE FUNCTION open.street_key(street text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(replace(
               lower(translate(street, 'ÄÖÜẞ .,-/()''"', 'äöüß')),
               'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'), 'strasse', 'str')
$$;
-- +goose StatementEnd

-- catalog.Register calls it for a new dataset "addresses".
-- +goose StatementBegin
CREATE FUNCTION catalog.index_streets() RETURNS void LANGUAGE sql AS $$
    CREATE INDEX IF NOT EXISTS addresses_street
        ON catalog.feature_addresses ((open.street_key(street) COLLATE "C")) WHERE _until IS NULL
$$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$ BEGIN
    IF to_regclass('catalog.feature_addresses') IS NOT NULL THEN
        PERFORM catalog.index_streets();
    END IF;
END $$;
-- +goose StatementEnd
