-- All that a list page shows of the tenders on `page`, as the text of the answer.
SELECT json_build_object('data', json_build_object('tenders', json_build_object(
    'nodes', (
        SELECT coalesce(json_agg(node), '[]')
        FROM (
            SELECT
                tender.id,
                tender.ocid,
                tender.title,
                tender.published_at AS "publishedAt",
                upper(tender.status) AS status,
                CASE WHEN tender.value_amount IS NOT NULL AND tender.value_currency IS NOT NULL THEN json_build_object(
                    'amount', trim_scale(tender.value_amount * 0.0001)::text,
                    'currency', tender.value_currency
                ) END AS value,
                (
                    SELECT json_build_object('id', buyer.id, 'name', buyer.name)
                    FROM organization AS buyer
                    WHERE buyer.id = tender.buyer_id
                ) AS buyer,
                (
                    SELECT json_build_object('nodes', coalesce(json_agg(node), '[]'))
                    FROM (
                        SELECT
                            lot.id,
                            lot.title,
                            CASE WHEN lot.value_amount IS NOT NULL AND lot.value_currency IS NOT NULL THEN
                                json_build_object(
                                    'amount', trim_scale(lot.value_amount * 0.0001)::text,
                                    'currency', lot.value_currency
                                )
                            END AS value
                        FROM lot
                        WHERE lot.tender_id = tender.id AND lot.position < 20
                        ORDER BY lot.position
                    ) AS node
                ) AS lots,
                (
                    SELECT json_build_object('nodes', coalesce(json_agg(node), '[]'))
                    FROM (
                        SELECT
                            award.id,
                            award.date,
                            CASE WHEN award.value_amount IS NOT NULL AND award.value_currency IS NOT NULL THEN
                                json_build_object(
                                    'amount', trim_scale(award.value_amount * 0.0001)::text,
                                    'currency', award.value_currency
                                )
                            END AS value,
                            (
                                SELECT json_build_object('nodes', coalesce(json_agg(node), '[]'))
                                FROM (
                                    SELECT supplier.id, supplier.name
                                    FROM award_supplier
                                    JOIN organization AS supplier ON supplier.id = award_supplier.organization_id
                                    WHERE award_supplier.tender_id = award.tender_id
                                        AND award_supplier.award_id = award.id
                                        AND award_supplier.position < 20
                                    ORDER BY award_supplier.position
                                ) AS node
                            ) AS suppliers
                        FROM award
                        WHERE award.tender_id = tender.id AND award.position < 20
                        ORDER BY award.position
                    ) AS node
                ) AS awards
            FROM (SELECT * FROM page LIMIT 20) AS shown
            JOIN tender ON tender.id = shown.tender_id
            ORDER BY shown.published_at DESC, shown.tender_id DESC
        ) AS node
    ),
    'pageInfo', json_build_object(
        'hasNextPage', (SELECT count(*) > 20 FROM page),
        'endCursor', (
            SELECT shown.tender_id
            FROM (SELECT * FROM page LIMIT 20) AS shown
            ORDER BY shown.published_at, shown.tender_id
            LIMIT 1
        )
    )
)))::text
