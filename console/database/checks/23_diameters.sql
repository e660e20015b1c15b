-- Diameters do not shrink downstream: no pipe flows into a smaller one of its system.
-- scope: demonstration
WITH section AS (
    SELECT code, system, from_manhole, to_manhole,
           CASE WHEN shape = 'circle' THEN pi() / 4 * diameter_mm ^ 2 ELSE width_mm::float8 * height_mm END AS area_mm2
    FROM city.pipe
)
SELECT 'pipes that flow into a smaller one', count(DISTINCT a.code), 0, 0, '', min(a.code)
FROM section a JOIN section b ON b.from_manhole = a.to_manhole AND b.system = a.system WHERE b.area_mm2 < a.area_mm2
