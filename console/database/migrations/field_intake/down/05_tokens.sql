DROP FUNCTION city.intake_tokens, city.revoke_intake_token, city.renew_intake_token, city.issue_intake_token;
DROP TABLE city.intake_token;
