-- Unit grids of built-up blocks have near 10 000 m² (GB/T 30428.1).
-- scope: demonstration
SELECT 'median of built-up unit grids', percentile_cont(0.5) WITHIN GROUP (ORDER BY area_m2), 7000, 13000, 'm²', NULL
FROM city.unit_grid WHERE land_use = 'built_up'
