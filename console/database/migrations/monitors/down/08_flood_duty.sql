DROP FUNCTION city.tick_duty, city.set_flood_warning, city.flood_desk;
DROP TABLE city.duty_tick, city.flood_warning, city.duty_item;
