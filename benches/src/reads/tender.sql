-- A tender with its buyer, lots and awards. $1 is its key, which is computed from the ocid.
SELECT json_build_object('data', json_build_object('tender', (
    SELECT row_to_json(node)
    FROM (
        SELECT
            tender.id,
            tender.ocid,
            tender.title,
            tender.description,
            upper(tender.status) AS status,
            tender.published_at AS "publishedAt",
            tender.updated_at AS "updatedAt",
            upper(tender.main_procurement_category) AS "mainProcurementCategory",
            upper(tender.procurement_method) AS "procurementMethod",
            CASE WHEN tender.value_amount IS NOT NULL AND tender.value_currency IS NOT NULL THEN json_build_object(
                'amount', trim_scale(tender.value_amount * 0.0001)::text,
                'currency', tender.value_currency
            ) END AS value,
            CASE WHEN tender.tender_start IS NOT NULL OR tender.tender_end IS NOT NULL THEN json_build_object(
                'startDate', tender.tender_start,
                'endDate', tender.tender_end
            ) END AS "tenderPeriod",
            (
                SELECT json_build_object(
                    'id', buyer.id,
                    'name', buyer.name,
                    'identifier', CASE WHEN buyer.identifier_id IS NOT NULL THEN json_build_object(
                        'scheme', buyer.identifier_scheme,
                        'id', buyer.identifier_id
                    ) END
                )
                FROM organization AS buyer
                WHERE buyer.id = tender.buyer_id
            ) AS buyer,
            (
                SELECT json_build_object('nodes', coalesce(json_agg(node), '[]'))
                FROM (
                    SELECT
                        lot.id,
                        lot.title,
                        lot.description,
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
                        award.title,
                        award.date,
                        upper(award.status) AS status,
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
        FROM tender
        WHERE tender.id = $1::uuid
    ) AS node
)))::text
