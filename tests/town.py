"""A town of four unit grids, for tests that need a place and no city."""

# A square of 10 km with a zone, a subdistrict, a community and four unit grids; a street through its middle.
TOWN = """
INSERT INTO city.zone (id, code, name, name_en, geom) SELECT 1, 'C', '中片区', 'Centre', box FROM
    (SELECT ST_Multi(ST_MakeEnvelope(500000, 3870000, 510000, 3880000, 4546)) AS box) b;
INSERT INTO city.subdistrict (code, name, geom) SELECT '140802001', '中城街道', geom FROM city.zone;
INSERT INTO city.community (code, name, geom) SELECT '140802001001', '红旗社区', geom FROM city.zone;
INSERT INTO city.unit_grid (code, zone_id, geom)
    SELECT '14080200100100' || (1 + 2 * j + i), 1,
           ST_MakeEnvelope(500000 + i * 5000, 3875000 - j * 5000, 505000 + i * 5000, 3880000 - j * 5000, 4546)
    FROM generate_series(0, 1) AS i, generate_series(0, 1) AS j;
INSERT INTO city.street (code, name, class, width_m, geom)
    VALUES ('S1', '红旗街', 'arterial', 40, ST_GeomFromText('LINESTRING(500000 3875000, 510000 3875000)', 4546));
INSERT INTO city.department (code, short_name, name, name_en, kind)
    VALUES ('1500', '排水', '排水服务中心', 'Drainage Service Centre', 'municipal');
INSERT INTO city.case_class (code_system, kind, code, category, category_en, name, name_en)
    VALUES ('GB/T 30428.2-2013', 'component', '0103', '公用设施', 'utilities', '雨水井盖', 'storm cover');
"""

FLEET = """
INSERT INTO city.company (name) VALUES ('运城渣土运输');
INSERT INTO city.vehicle (plate, terminal_phone, company_id, box_m3)
    SELECT '晋M·D000' || i, CASE i WHEN 1 THEN '013935900001' ELSE '0000000001393590000' || i END, 1, 18
    FROM generate_series(1, 3) AS i;
"""

SENSORS = """
INSERT INTO city.flood_point (id, code, name, zone_id, cause, is_underpass, catchment_m2, attention_cm, flooding_cm,
    closing_cm, severe_cm, department_id, plan, geom)
    SELECT 1, 'F1', '红旗街积水点', 1, 'low_ground', false, 10000, 5, 15, 27, 40, id, '围挡',
        ST_SetSRID(ST_Point(500200, 3875000), 4546)
    FROM city.department LIMIT 1;
INSERT INTO city.sensor (id, code, name, kind, flood_point_id, unit, interval_s, geom) VALUES
    (1, 'W1', '水位', 'water_level', 1, 'cm', 300, ST_SetSRID(ST_Point(500200, 3875000), 4546)),
    (2, 'R1', '雨量', 'rain', NULL, 'mm', 300, ST_SetSRID(ST_Point(500100, 3875000), 4546));
"""
