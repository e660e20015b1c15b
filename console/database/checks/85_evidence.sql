-- The evidence of every case is what was attached: its bytes fit checksum, length and type, and its event is there.
-- scope: any
SELECT 'attachments', count(*), NULL::double precision, NULL::double precision, '', NULL FROM city.case_attachment
UNION ALL
SELECT 'attachments whose bytes were altered', count(*), 0, 0, '', min(id)::text
FROM city.case_attachment
WHERE sha256(content) <> sha256 OR length(content) <> size_bytes OR city.media_type(substr(content, 1, 16)) IS DISTINCT FROM media_type
    AND content IS NOT NULL
UNION ALL
SELECT 'attachments to an event that is not there', count(*), 0, 0, '', min(a.id)::text
FROM city.case_attachment a
WHERE NOT EXISTS (SELECT FROM city.case_event e WHERE e.case_id = a.case_id AND e.seq = a.event_seq)
UNION ALL
SELECT 'attachments without bytes while no folder is named', count(*), 0, 0, '', min(id)::text
FROM city.case_attachment
WHERE content IS NULL AND (SELECT value FROM city.setting WHERE name = 'evidence_folder') = '""'
