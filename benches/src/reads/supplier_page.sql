-- A supplier with the newest of its awards, their tenders and buyers, and how many awards there are. $1 is its key.
WITH page AS MATERIALIZED (
    -- One more than is shown tells whether there are more. Awards without a date come last; either half is a walk along
    -- the index, and the second one is hardly ever begun.
    (
        SELECT tender_id, award_id, date
        FROM award_supplier
        WHERE organization_id = $1::uuid AND date IS NOT NULL
        ORDER BY date DESC, tender_id DESC, award_id DESC
        LIMIT 21
    )
    UNION ALL
    (
        SELECT tender_id, award_id, date
        FROM award_supplier
        WHERE organization_id = $1::uuid AND date IS NULL
        ORDER BY tender_id DESC, award_id DESC
        LIMIT 21
    )
    LIMIT 21
)
SELECT json_build_object('data', json_build_object('node', (
    SELECT row_to_json(node)
    FROM (
        SELECT
            supplier.id,
            supplier.name,
            CASE WHEN supplier.identifier_id IS NOT NULL THEN json_build_object(
                'scheme', supplier.identifier_scheme,
                'id', supplier.identifier_id
            ) END AS identifier,
            json_build_object(
                'totalCount', (SELECT count(*) FROM award_supplier WHERE organization_id = $1::uuid),
                'nodes', (
                    SELECT coalesce(json_agg(node), '[]')
                    FROM (
                        SELECT
                            award.id,
                            award.title,
                            award.date,
                            upper(award.status) AS status,
                            CASE WHEN award.value_amount IS NOT NULL AND award.value_currency IS NOT NULL THEN
                                json_build_object(
                                    'amount', trim_scale(award.value_amount * 0.0001)::text,
                                    'currency', award.value_currency
                                )
                            END AS value,
                            json_build_object(
                                'id', tender.id,
                                'ocid', tender.ocid,
                                'title', tender.title,
                                'publishedAt', tender.published_at
                            ) AS tender,
                            CASE WHEN buyer.id IS NOT NULL THEN
                                json_build_object('id', buyer.id, 'name', buyer.name)
                            END AS buyer
                        FROM (SELECT * FROM page LIMIT 20) AS shown
                        JOIN award ON award.tender_id = shown.tender_id AND award.id = shown.award_id
                        JOIN tender ON tender.id = shown.tender_id
                        LEFT JOIN organization AS buyer ON buyer.id = award.buyer_id
                        ORDER BY shown.date DESC NULLS LAST, shown.tender_id DESC, shown.award_id DESC
                    ) AS node
                ),
                'pageInfo', json_build_object(
                    'hasNextPage', (SELECT count(*) > 20 FROM page),
                    'endCursor', (
                        SELECT shown.award_id
                        FROM (SELECT * FROM page LIMIT 20) AS shown
                        ORDER BY shown.date NULLS FIRST, shown.tender_id, shown.award_id
                        LIMIT 1
                    )
                )
            ) AS awards
        FROM organization AS supplier
        WHERE supplier.id = $1::uuid
    ) AS node
)))::text
