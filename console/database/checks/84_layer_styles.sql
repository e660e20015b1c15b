-- QGIS finds a style for the city's layers; it looks for the name that the database has now.
-- scope: any
SELECT 'layers with a style in QGIS', count(DISTINCT f_table_name), 11, NULL::double precision, '', NULL
FROM public.layer_styles WHERE f_table_schema = 'city' AND f_table_catalog = current_database()
