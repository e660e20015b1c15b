DROP TABLE city.case_attachment_withdrawal, city.case_attachment;
DROP FUNCTION city.attach, city.withdraw_attachment, city.evidence_author, city.takes_evidence, city.adds_evidence, city.log_evidence, city.metres_between, city.media_type;
DROP TYPE city.evidence_stage, city.evidence_kind;
DELETE FROM city.setting WHERE name IN ('evidence_limit', 'evidence_doubt', 'evidence_folder');
