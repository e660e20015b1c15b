DROP TRIGGER follow_post ON city.staff;
DROP FUNCTION city.account_states, city.set_password, city.follow_post, city.align_login, city.is_own_login;
