-- Each staged row with its geometry in the working CRS (_geom) and in CRS84
-- (_lonlat). What is delivered in degrees is not sent through the metric CRS
-- and back, so that its decimals stay as they were.
CREATE TEMP TABLE {prepared} ON COMMIT DROP AS
SELECT _ord, _key, _ref, _properties,
       _geom IS NOT NULL AS _had_geom, ''::text AS _delivered,
       CASE WHEN ST_SRID(_geom) = {srid} THEN _geom
            ELSE {transform}(_geom, {srid}) END AS _geom,
       CASE WHEN ST_SRID(_geom) = 4326 THEN _geom
            ELSE {transform}(_geom, 4326) END AS _lonlat
       {, fields}
FROM {staged}
