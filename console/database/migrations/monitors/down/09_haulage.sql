DROP FUNCTION city.revoke_permit, city.save_permit, city.remove_site, city.save_site, city.remove_traffic_area,
    city.save_traffic_area, city.drawn, city.refuse_stale, city.haulage_desk;
DROP TRIGGER count_version ON city.route_permit;
DROP TRIGGER count_version ON city.traffic_area;
DROP TRIGGER count_version ON city.work_site;
DROP TRIGGER count_version ON city.dump_site;
DROP FUNCTION city.count_version;
ALTER TABLE city.traffic_area DROP CONSTRAINT traffic_area_words, DROP COLUMN version, DROP COLUMN changed_at, DROP COLUMN changed_by;
ALTER TABLE city.work_site DROP COLUMN version, DROP COLUMN changed_at, DROP COLUMN changed_by;
ALTER TABLE city.dump_site DROP COLUMN version, DROP COLUMN changed_at, DROP COLUMN changed_by;
ALTER TABLE city.route_permit DROP COLUMN version, DROP COLUMN changed_at, DROP COLUMN changed_by;
