-- How many awards a buyer made in each year, and what they add up to by currency. $1 is the buyer's key.
WITH sums AS (
    SELECT
        extract(year FROM date)::int AS year,
        value_currency AS currency,
        count(*) AS awards,
        count(value_amount) AS valued,
        sum(value_amount) AS amount
    FROM award
    WHERE buyer_id = $1::uuid
    GROUP BY 1, 2
)
SELECT json_build_object('data', json_build_object('awardStatistics', json_build_object('buckets', (
    SELECT coalesce(json_agg(node), '[]')
    FROM (
        SELECT
            json_build_array(json_build_object('code', year::text)) AS key,
            sum(awards) AS count,
            coalesce(sum(valued) FILTER (WHERE currency IS NOT NULL), 0) AS "countWithValue",
            coalesce(
                json_agg(
                    json_build_object('amount', trim_scale(amount * 0.0001)::text, 'currency', currency)
                    ORDER BY valued DESC, currency
                ) FILTER (WHERE currency IS NOT NULL AND valued > 0),
                '[]'
            ) AS value
        FROM sums
        GROUP BY year
        ORDER BY year NULLS LAST
    ) AS node
))))::text
