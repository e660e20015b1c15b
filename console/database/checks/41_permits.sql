-- Every truck has a permit with an approved route that leads from its work site to its dump site.
-- scope: demonstration
SELECT 'trucks without permit', count(*), 0, 0, '', min(plate)
FROM city.vehicle v WHERE NOT EXISTS (SELECT FROM city.route_permit p WHERE p.vehicle_id = v.id)
UNION ALL
SELECT 'approved routes that miss their sites', count(*), 0, 0, '', min(p.permit_no)
FROM city.route_permit p JOIN city.work_site w ON w.id = p.work_site_id JOIN city.dump_site d ON d.id = p.dump_site_id
WHERE NOT ST_DWithin(ST_StartPoint(p.geom), w.geom, 150) OR NOT ST_DWithin(ST_EndPoint(p.geom), d.geom, 150)
