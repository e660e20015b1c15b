DROP FUNCTION city.take_over;
DROP FUNCTION city.hand_over;
DROP FUNCTION city.desk_waiting;
DROP TABLE city.shift_handover;
