WITH page AS MATERIALIZED (
    SELECT tender_id, published_at
    FROM classification_ancestor
    WHERE scheme = 'CPV' AND code = $1 AND published_at >= $2 AND published_at < $3
    ORDER BY published_at DESC, tender_id DESC
    LIMIT 21
)
SELECT json_build_object('data', json_build_object('tenders', json_build_object(
    'nodes', coalesce(json_agg(node.json ORDER BY shown.published_at DESC, shown.tender_id DESC), '[]'),
    'pageInfo', json_build_object(
        'hasNextPage', (SELECT count(*) > 20 FROM page),
        'endCursor', (array_agg(shown.tender_id ORDER BY shown.published_at, shown.tender_id))[1]
    )
)))::text
FROM (SELECT * FROM page LIMIT 20) AS shown
JOIN tender ON tender.id = shown.tender_id
LEFT JOIN organization AS buyer ON buyer.id = tender.buyer_id
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object(
        'id', lot.id,
        'title', lot.title,
        'value', CASE WHEN lot.value_amount IS NOT NULL AND lot.value_currency IS NOT NULL THEN
            json_build_object('amount', trim_scale(lot.value_amount * 0.0001)::text, 'currency', lot.value_currency) END
    ) ORDER BY lot.position) AS json
    FROM lot
    WHERE lot.tender_id = tender.id AND lot.position < 20
) AS lots
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object(
        'id', award.id,
        'date', award.date,
        'value', CASE WHEN award.value_amount IS NOT NULL AND award.value_currency IS NOT NULL THEN
            json_build_object('amount', trim_scale(award.value_amount * 0.0001)::text, 'currency', award.value_currency) END,
        'suppliers', json_build_object('nodes', coalesce(suppliers.json, '[]'))
    ) ORDER BY award.position) AS json
    FROM award
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('id', supplier.id, 'name', supplier.name) ORDER BY link.position) AS json
        FROM award_supplier AS link
        JOIN organization AS supplier ON supplier.id = link.organization_id
        WHERE link.tender_id = award.tender_id AND link.award_id = award.id AND link.position < 20
    ) AS suppliers
    WHERE award.tender_id = tender.id AND award.position < 20
) AS awards
CROSS JOIN LATERAL (
    SELECT json_build_object(
        'id', tender.id,
        'ocid', tender.ocid,
        'title', tender.title,
        'publishedAt', tender.published_at,
        'status', upper(tender.status),
        'value', CASE WHEN tender.value_amount IS NOT NULL AND tender.value_currency IS NOT NULL THEN
            json_build_object('amount', trim_scale(tender.value_amount * 0.0001)::text, 'currency', tender.value_currency) END,
        'buyer', CASE WHEN buyer.id IS NOT NULL THEN json_build_object('id', buyer.id, 'name', buyer.name) END,
        'lots', json_build_object('nodes', coalesce(lots.json, '[]')),
        'awards', json_build_object('nodes', coalesce(awards.json, '[]'))
    ) AS json
) AS node
