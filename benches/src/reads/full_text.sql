-- What PostgreSQL's full-text search needs, of the same texts as the hub's index has, in a table of its own.
CREATE TABLE full_text AS
SELECT
    tender.id AS tender_id,
    to_tsvector('dutch', concat_ws(
        ' ',
        tender.title,
        tender.description,
        (SELECT string_agg(concat_ws(' ', title, description), ' ') FROM lot WHERE lot.tender_id = tender.id),
        (SELECT string_agg(description, ' ') FROM item WHERE item.tender_id = tender.id),
        (SELECT string_agg(concat_ws(' ', title, description), ' ') FROM award WHERE award.tender_id = tender.id),
        (SELECT name FROM organization WHERE organization.id = tender.buyer_id),
        (
            SELECT string_agg(organization.name, ' ')
            FROM award_supplier
            JOIN organization ON organization.id = award_supplier.organization_id
            WHERE award_supplier.tender_id = tender.id
        )
    )) AS words
FROM tender;

ALTER TABLE full_text ADD PRIMARY KEY (tender_id);

CREATE INDEX full_text_words ON full_text USING gin (words);
