-- A case that was closed through the loop went through every stage; whoever has a report verified has accepted it.
-- scope: any
WITH loop AS (
    SELECT f.case_no, array_agg(DISTINCT e.move) AS moves
    FROM city.case_file f JOIN city.case_event e ON e.case_id = f.id
    WHERE f.mode = 'closed_loop' AND f.state = 'closed' GROUP BY f.id
)
SELECT 'closed cases that skipped a stage', count(*), 0, 0, '', min(case_no)
FROM loop
WHERE NOT (moves @> '{report,file,dispatch,dispose,feed_back,check,close}'::city.case_move[]
           AND moves && '{accept,order_verify}'::city.case_move[])
