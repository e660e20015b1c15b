DROP FUNCTION city.admit_terminal, city.register_terminal, city.known_terminals;
DROP INDEX city.vehicle_bare_phone;
DROP FUNCTION city.bare_phone;
DROP TABLE city.terminal;
