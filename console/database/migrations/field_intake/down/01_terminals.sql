DROP FUNCTION city.admit_new_vehicle, city.admit_terminal, city.withdraw_terminal, city.block_terminal, city.unblock_terminal,
    city.written_phone, city.forget_refused, city.note_contacts, city.note_refused, city.register_terminal, city.known_terminals;
DROP TABLE city.terminal_contact;
DROP INDEX city.vehicle_bare_phone;
DROP FUNCTION city.bare_phone;
DROP TABLE city.terminal;
