DROP FUNCTION city.answer_command, city.take_commands, city.set_parameters, city.ask_positions, city.send_text, city.queue_commands;
DROP TABLE city.driver_phrase, city.terminal_command;
