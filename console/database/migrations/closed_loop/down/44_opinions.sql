DROP TABLE city.opinion_text;
