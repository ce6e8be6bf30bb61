-- The tenders that come after one of them, newest first. $1 is when it was published, $2 its key.
WITH page AS MATERIALIZED (
    SELECT id AS tender_id, published_at
    FROM tender
    WHERE (published_at, id) < ($1::timestamptz, $2::uuid)
    ORDER BY published_at DESC, id DESC
    LIMIT 21
)
