-- The tenders in which words were found, best first, and how many there are. $1 is what was typed.
WITH found AS MATERIALIZED (
    SELECT tender_id, ts_rank(words, query) AS rank
    FROM full_text, plainto_tsquery('dutch', $1) AS query
    WHERE words @@ query
),
page AS MATERIALIZED (
    SELECT tender_id, rank FROM found ORDER BY rank DESC, tender_id LIMIT 20
)
SELECT json_build_object('data', json_build_object('tenders', json_build_object(
    'totalCount', (SELECT count(*) FROM found),
    'edges', (
        SELECT coalesce(json_agg(json_build_object('node', node)), '[]')
        FROM (
            SELECT
                tender.id,
                tender.ocid,
                tender.title,
                tender.published_at AS "publishedAt",
                upper(tender.status) AS status,
                (
                    SELECT json_build_object('id', buyer.id, 'name', buyer.name)
                    FROM organization AS buyer
                    WHERE buyer.id = tender.buyer_id
                ) AS buyer
            FROM page
            JOIN tender ON tender.id = page.tender_id
            ORDER BY page.rank DESC, page.tender_id
        ) AS node
    )
)))::text
