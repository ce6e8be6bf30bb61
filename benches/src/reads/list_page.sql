-- The newest tenders under a CPV code that were published in a span of time.
-- $1 is the code's significant digits, $2 and $3 the span.
WITH page AS MATERIALIZED (
    -- One more than is shown tells whether there are more. The index has all these columns, in this order.
    SELECT tender_id, published_at
    FROM code_tender
    WHERE scheme = 'CPV' AND code = $1 AND published_at >= $2::timestamptz AND published_at < $3::timestamptz
    ORDER BY published_at DESC, tender_id DESC
    LIMIT 21
)
