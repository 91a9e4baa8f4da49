-- +goose Up
-- How people say it: one word, and a word that the catalogue uses. Names and
-- keywords of a service need no entry here.
CREATE TABLE booking.synonym (
    word  text NOT NULL CONSTRAINT synonym_word_is_one_word CHECK (word = lower(word) AND word ~ '^[[:alnum:]]+$'),
    means text NOT NULL CONSTRAINT synonym_means_one_word CHECK (means = lower(means) AND means ~ '^[[:alnum:]]+$'),
    PRIMARY KEY (word, means)
);
INSERT INTO booking.synonym (word, means) VALUES
    ('geklaut', 'verloren'), ('gestohlen', 'verloren'), ('diebstahl', 'verloren'), ('verlust', 'verloren'), ('vergessen', 'verloren'), ('weg', 'verloren'),
    ('lost', 'verloren'), ('stolen', 'verloren'), ('abgelaufen', 'beantragen'), ('expired', 'beantragen'), ('erneuern', 'beantragen'), ('renew', 'beantragen'),
    ('id', 'ausweis'), ('identity', 'ausweis'), ('perso', 'personalausweis'), ('kinderreisepass', 'reisepass'), ('kinderpass', 'reisepass'), ('kinderausweis', 'personalausweis'),
    ('umgezogen', 'umzug'), ('einzug', 'umzug'), ('eingezogen', 'umzug'), ('auszug', 'umzug'), ('ausgezogen', 'umzug'), ('move', 'umzug'), ('moved', 'umzug'),
    ('moving', 'umzug'), ('relocation', 'umzug'), ('wegziehen', 'wegzug'), ('auswandern', 'wegzug'),
    ('marry', 'heiraten'), ('married', 'heiraten'), ('marriage', 'heiraten'), ('wedding', 'heiraten'), ('verlobt', 'heiraten'), ('ehe', 'heiraten'),
    ('geboren', 'geburt'), ('entbindung', 'geburt'), ('newborn', 'geburt'), ('gestorben', 'sterbefall'), ('verstorben', 'sterbefall'), ('tot', 'sterbefall'), ('died', 'sterbefall'), ('funeral', 'sterbefall'),
    ('dog', 'hund'), ('puppy', 'hund'), ('tax', 'steuer'), ('rent', 'miete'), ('housing', 'wohnung'), ('homeless', 'obdachlos'), ('visa', 'visum'), ('retirement', 'rente'),
    ('arbeitslos', 'notlage'), ('pleite', 'mittellos'), ('garage', 'bauantrag'), ('hausbau', 'bauantrag'), ('kiga', 'kita'), ('nursery', 'kita'), ('daycare', 'kita'), ('kindergarten', 'kita')
ON CONFLICT DO NOTHING;

ALTER TABLE booking.concern ADD search_en tsvector NOT NULL GENERATED ALWAYS AS
    (setweight(to_tsvector('english', name_en), 'A') || setweight(to_tsvector('english', summary_en), 'C')) STORED;

CREATE VIEW open.booking_synonym AS SELECT word, means FROM booking.synonym;
CREATE OR REPLACE VIEW open.booking_concern AS
    SELECT c.id, jsonb_build_object('de', c.name_de, 'en', c.name_en) AS name,
           jsonb_build_object('de', c.summary_de, 'en', c.summary_en) AS summary,
           c.office, jsonb_build_object('de', o.name_de, 'en', o.name_en) AS office_name,
           c.minutes, c.further_minutes, c.channels, c.mobile, c.online, c.online_url, c.appointment, c.urgent,
           jsonb_build_object('kind', c.jurisdiction, 'place', c.place) AS jurisdiction, c.keywords, c.fim_key, c.note,
           coalesce((SELECT jsonb_agg(jsonb_build_object('id', d.id, 'de', d.name_de, 'en', d.name_en,
                         'condition_de', cd.condition_de, 'condition_en', cd.condition_en) ORDER BY cd.position)
                     FROM booking.concern_document cd JOIN booking.document d ON d.id = cd.document
                     WHERE cd.concern = c.id), '[]') AS documents,
           c.search, c.search_en
    FROM booking.concern c JOIN booking.office o ON o.id = c.office
    WHERE c.active;
GRANT SELECT ON open.booking_synonym TO ortsnah_open;
