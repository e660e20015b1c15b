-- The depth of a manhole is its ground level less its lowest invert (±0.05 m).
-- scope: demonstration
SELECT 'manholes with a wrong depth', count(*), 0, 0, '', min(code)
FROM city.manhole WHERE (abs(ground_elevation_m - invert_elevation_m - depth_m) <= 0.05) IS NOT true
