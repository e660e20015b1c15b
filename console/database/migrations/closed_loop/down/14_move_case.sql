DROP FUNCTION city.move_case, city.add_move, city.condition_in_force, city.described_anew, city.place_facts, city.case_moves,
    city.against_move, city.refusal, city.is_own, city.asker;
DROP TYPE city.case_moved;
